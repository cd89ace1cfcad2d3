//! Retention with an S3-compatible store on this machine: moto's server, and servers that misbehave.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::place::{Place, Ran};
use crate::retention::{tiers, with_five_blocks};

const KEY_ID: &str = "AKIDFORATEST";
const SECRET: &str = "a-secret-that-must-not-be-printed";

/// The Python environment with moto's server, as `cargo xtask test --only tools` makes it.
fn python() -> PathBuf {
    let usual = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/python");
    let folder = std::env::var_os("ACTIVEMIRROR_PYTHON").map_or(usual, PathBuf::from);
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    assert!(python.exists(), "{} is not there: run `cargo xtask test --only tools`", python.display());
    python
}

/// Starts the server on a port that is free, makes the bucket `traces`, and says which port it is.
const SERVER: &str = "
import sys, threading, boto3
from werkzeug.serving import make_server
from moto.server import DomainDispatcherApplication, create_backend_app
server = make_server('127.0.0.1', 0, DomainDispatcherApplication(create_backend_app), threaded=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
endpoint = f'http://127.0.0.1:{server.server_port}'
client = boto3.client('s3', endpoint_url=endpoint, region_name='us-east-1',
                      aws_access_key_id='x', aws_secret_access_key='x')
client.create_bucket(Bucket='traces')
print(endpoint, flush=True)
for line in sys.stdin:
    for found in client.list_objects_v2(Bucket='traces').get('Contents', []):
        if line.strip() == 'cut':
            body = client.get_object(Bucket='traces', Key=found['Key'])['Body'].read()
            client.put_object(Bucket='traces', Key=found['Key'], Body=body[:-1])
        print(found['Key'], flush=True)
    print('', flush=True)
";

struct Moto {
    child: Child,
    endpoint: String,
}

impl Moto {
    fn start() -> Self {
        let mut command = Command::new(python());
        command.args(["-c", SERVER]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut moto = Self { child: command.spawn().unwrap(), endpoint: String::new() };
        moto.endpoint = moto.line();
        moto
    }

    /// A line that it prints.
    fn line(&mut self) -> String {
        let (mut line, mut byte) = (Vec::new(), [0]);
        let out = self.child.stdout.as_mut().unwrap();
        while out.read(&mut byte).unwrap() == 1 && byte[0] != b'\n' {
            line.extend(byte);
        }
        String::from_utf8(line).unwrap()
    }

    /// The names of all objects; with `cut`, each loses its last byte.
    fn objects(&mut self, what: &str) -> Vec<String> {
        let input = self.child.stdin.as_mut().unwrap();
        writeln!(input, "{what}").unwrap();
        let mut names = Vec::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                return names;
            }
            names.push(line);
        }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs the command with this endpoint and credentials in its environment.
fn run(place: &Place, endpoint: &str, arguments: &[&str]) -> Ran {
    let mut command = place.command(arguments);
    for name in ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION", "HTTP_PROXY", "http_proxy"] {
        command.env_remove(name);
    }
    command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_ALLOW_HTTP", "true").env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", KEY_ID).env("AWS_SECRET_ACCESS_KEY", SECRET);
    let ran = Ran::from(command.output().unwrap());
    for secret in [KEY_ID, SECRET] {
        assert!(!ran.out.contains(secret) && !ran.err.contains(secret), "{ran:?}");
    }
    ran
}

#[track_caller]
fn good(place: &Place, endpoint: &str, arguments: &[&str]) -> String {
    let ran = run(place, endpoint, arguments);
    assert_eq!(ran.status, 0, "{arguments:?}: {ran:?}");
    ran.out
}

#[track_caller]
fn bad(place: &Place, endpoint: &str, arguments: &[&str], words: &[&str]) {
    let ran = run(place, endpoint, arguments);
    assert_eq!(ran.status, 3, "{arguments:?}: {ran:?}");
    words.iter().for_each(|word| assert!(ran.err.contains(word), "{word:?} is not said in {ran:?}"));
}

fn rules(place: &Place, timeout: &str) {
    let cold = ["--cold", "s3://traces/robots/seven", "--cold-after", "0d", "--timeout", timeout];
    place.good(&[&["retention", "set"], &cold[..]].concat());
}

#[test]
fn blocks_go_to_a_bucket_and_come_back() {
    let mut moto = Moto::start();
    let endpoint = moto.endpoint.clone();
    let (place, _) = with_five_blocks();
    let before = place.good(&["export"]);
    rules(&place, "60");
    good(&place, &endpoint, &["retention", "run"]);
    assert_eq!(tiers(&place)[..3], [0, 0, 5]);
    let names = moto.objects("");
    assert_eq!(names.len(), 1);
    assert!(names[0].starts_with("robots/seven/") && names[0].ends_with(".pack"), "{names:?}");
    assert_eq!(good(&place, &endpoint, &["export"]), before);
    assert!(good(&place, &endpoint, &["verify"]).contains("hold"));
    good(&place, &endpoint, &["vault", "erase", "--subject", "ann", "--yes"]);
    let renewed = moto.objects("");
    assert_eq!(renewed.len(), 1);
    assert_ne!(renewed, names, "put anew without what was hers, and the old one removed");
    let report: serde_json::Value =
        serde_json::from_str(&good(&place, &endpoint, &["--json", "verify"])).unwrap();
    assert_eq!((&report["holds"], &report["erased"], &report["cold"]), (&true.into(), &10.into(), &0.into()));
    // Wrong bytes.
    moto.objects("cut");
    bad(&place, &endpoint, &["show", "trace-1"], &["block 1", "refused"]);
    // Gone.
    place.good(&["retention", "set", "--drop", "cold", "--gone-after", "0d"]);
    good(&place, &endpoint, &["retention", "run"]);
    assert!(moto.objects("").is_empty());
    let report = good(&place, &endpoint, &["verify"]);
    assert!(report.contains("went by retention"), "{report}");
}

#[test]
fn a_bucket_that_is_not_there() {
    let moto = Moto::start();
    let (place, _) = with_five_blocks();
    place.good(&["retention", "set", "--cold", "s3://nowhere", "--cold-after", "0d"]);
    bad(&place, &moto.endpoint, &["retention", "run"], &["blocks 0 to 4 did not move"]);
    assert_eq!(tiers(&place), [0, 5, 0, 0], "they are packed, and here");
    assert!(place.good(&["verify"]).contains("hold"));
}

#[test]
fn a_server_that_is_not_there() {
    let (place, _) = with_five_blocks();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    rules(&place, "20");
    let endpoint = format!("http://{free}");
    bad(&place, &endpoint, &["retention", "run"], &["blocks 0 to 4 did not move", "cold store"]);
    assert_eq!(tiers(&place), [0, 5, 0, 0]);
}

#[test]
fn a_server_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let (place, _) = with_five_blocks();
    rules(&place, "1");
    bad(&place, &endpoint, &["retention", "run"], &["blocks 0 to 4 did not move", "in time"]);
    assert_eq!(tiers(&place), [0, 5, 0, 0]);
    drop(listener);
}

/// Answers every request so, as long as somebody asks.
fn answer(with: impl Fn(&mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 8_192];
            if stream.read(&mut request).is_ok() {
                with(&mut stream);
            }
        }
    });
    endpoint
}

#[test]
fn servers_that_answer_otherwise() {
    let mut moto = Moto::start();
    let (place, _) = with_five_blocks();
    rules(&place, "20");
    let endpoint = moto.endpoint.clone();
    good(&place, &endpoint, &["retention", "run"]);
    assert_eq!(moto.objects("").len(), 1);
    let head = "HTTP/1.1 200 OK\r\nETag: \"x\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n";
    let huge = answer(move |stream| {
        let _ = write!(stream, "{head}Content-Length: 1099511627776\r\n\r\n");
        let _ = stream.write_all(&[7; 65_536]);
    });
    bad(&place, &huge, &["show", "trace-1"], &["block 1", "larger"]);
    let wrong = answer(move |stream| {
        let _ = write!(stream, "{head}Content-Length: 4\r\n\r\nabcd");
    });
    bad(&place, &wrong, &["show", "trace-1"], &["block 1", "refused"]);
    let echo = answer(|stream| {
        let body = format!("<Error><Code>Bad</Code><AWSAccessKeyId>{KEY_ID}</AWSAccessKeyId></Error>");
        let _ = write!(stream, "HTTP/1.1 400 Bad\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    });
    bad(&place, &echo, &["show", "trace-1"], &["block 1", "answers with an error"]);
    let refuses = answer(|stream| {
        let _ = write!(stream, "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n");
    });
    bad(&place, &refuses, &["show", "trace-1"], &["block 1", "credentials in the environment"]);
    assert!(good(&place, &endpoint, &["show", "trace-1"]).contains("trace-1"));
}
