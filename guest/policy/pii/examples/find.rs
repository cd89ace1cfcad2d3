//! Prints what the detectors find in texts from standard input, which NUL bytes separate:
//!
//! ```text
//! echo 'My number is 555-010-4477.' | cargo run --release -p activemirror-policy-pii --example find
//! ```

use std::io::Read;

use activemirror_policy_pii::Scanner;

fn main() -> std::io::Result<()> {
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let mut scanner = Scanner::new();
    for text in String::from_utf8_lossy(&input).split('\0') {
        for finding in scanner.find(text) {
            let from = text.floor_char_boundary(finding.start.saturating_sub(40));
            let (before, found) = (&text[from..finding.start], &text[finding.start..finding.end]);
            println!("{:<18} {found:?} after {before:?}", finding.category.name());
        }
    }
    Ok(())
}
