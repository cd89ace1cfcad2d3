//! A fresh data directory and key, and the command run in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A data directory and a device key of its own.
pub(crate) struct Place {
    folder: TempDir,
}

/// What a run printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.folder.path().join("keys/device.key")
    }

    /// Writes a file beside the data directory.
    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The command with this place and these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_activemirror"));
        command.arg("--data").arg(self.data()).arg("--key-file").arg(self.key_file()).args(arguments);
        command.env_remove("ACTIVEMIRROR_DATA").env_remove("ACTIVEMIRROR_KEY_FILE");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Runs and expects status 0.
    #[track_caller]
    pub(crate) fn good(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {ran:?}");
        ran.out
    }

    /// Runs and expects this status and these words on standard error.
    #[track_caller]
    pub(crate) fn bad(&self, arguments: &[&str], status: i32, words: &[&str]) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.status, status, "{arguments:?}: {ran:?}");
        for word in words {
            assert!(ran.err.contains(word), "{arguments:?}: {word:?} is not said in {:?}", ran.err);
        }
        ran
    }

    /// The lines of a `--json` answer.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Vec<serde_json::Value> {
        let out = self.good(&[&["--json"], arguments].concat());
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A place with two traces of two people in it, imported without plugins.
    pub(crate) fn with_two_traces() -> Self {
        let place = Self::new();
        let file = place.file("two.jsonl", two_traces());
        place.good(&["--no-plugins", "import", file.to_str().unwrap()]);
        place
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Two MirrorDNA traces, one a line.
pub(crate) fn two_traces() -> String {
    [trace("trace-one", "ann", "the blue kettle leaks"), trace("trace-two", "ben", "the red lamp flickers")]
        .map(|line| line + "\n")
        .concat()
}

pub(crate) fn trace(id: &str, user: &str, said: &str) -> String {
    serde_json::json!({
        "trace_id": id, "agent_id": "support-bot", "session_id": format!("session-of-{user}"),
        "user_id": user, "timestamp": "2026-01-15T10:30:00.000Z",
        "events": [
            { "event_id": "evt_001", "type": "observation", "timestamp": "2026-01-15T10:30:00.100Z",
              "content": said, "metadata": { "source": "user" } },
            { "event_id": "evt_002", "type": "action", "timestamp": "2026-01-15T10:30:01.000Z",
              "action": "look_up_order", "parameters": { "order": 7, "fast": true } },
            { "event_id": "evt_003", "type": "output", "timestamp": "2026-01-15T10:30:02.000Z",
              "content": "I am looking into it." },
        ],
    })
    .to_string()
}

/// A file of the data that is not part of the project; where it is not there, that is printed.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(path);
    if !path.exists() {
        println!("not run on {}: it is not there", path.display());
        return None;
    }
    Some(path)
}
