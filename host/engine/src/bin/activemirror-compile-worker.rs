//! The compile worker as a program of its own, for hosts that would rather not start themselves
//! again. It takes no arguments.

fn main() -> std::process::ExitCode {
    activemirror_engine::compile_worker_main()
}
