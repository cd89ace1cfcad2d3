//! The device's images, and the robot in QEMU. What goes out on the robot's line is judged by
//! `tests/device`, which finds the images that this builds.

use crate::console::Step;
use crate::workspace::{DEVICE, DEVICE_VECTORS, FIRMWARE, Workspace};

/// What the robot's report says of its own size.
const SIZES: [&str; 3] = ["flash:", "static RAM:", "heap:"];

/// Builds the images and runs the robot; its exit code is QEMU's, which `.cargo/config.toml` names
/// as the runner of the target.
pub(crate) fn test(workspace: &Workspace, step: &mut Step) -> anyhow::Result<String> {
    // One by one: in one call they would share the features of core that only the vectors need.
    for package in workspace.present([DEVICE_VECTORS, FIRMWARE].into_iter()) {
        step.run(workspace.cargo(&[
            "build",
            "--package",
            package,
            "--profile",
            "firmware",
            "--target",
            DEVICE,
        ]))?;
    }
    let run = ["run", "--quiet", "--package", FIRMWARE, "--profile", "firmware", "--target", DEVICE];
    Ok(sizes(&step.capture(workspace.cargo(&run))?))
}

fn sizes(report: &str) -> String {
    let size = |line: &&str| SIZES.iter().any(|size| line.starts_with(size));
    let sizes: Vec<&str> = report.lines().filter(size).collect();
    format!("the robot ran; {}", sizes.join(", "))
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn the_robot_says_what_it_takes() {
        let report = "boot 1: 134 records\nflash: 87288 bytes\nstatic RAM: 7064 bytes\nheap: 0 bytes\n";
        assert_eq!(sizes(report), "the robot ran; flash: 87288 bytes, static RAM: 7064 bytes, heap: 0 bytes");
    }
}
