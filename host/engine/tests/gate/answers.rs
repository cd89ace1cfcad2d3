//! What plugins answer in tests, as the bytes that the canonical ABI asks for.
//!
//! A [`Record`] is a run of fields; what a field points to is laid out behind it. So a test
//! writes an answer down as its type reads in `wit/`, and can make any part of it wrong.

/// A whole answer at a fixed address.
pub(crate) struct Answer {
    address: u32,
    bytes: Vec<u8>,
}

impl Answer {
    pub(crate) fn new(address: u32, record: &Record) -> Self {
        let mut bytes = vec![0; record.size()];
        record.write(0, address, &mut bytes);
        Self { address, bytes }
    }

    /// As an expression.
    pub(crate) fn address(&self) -> String {
        format!("(i32.const {})", self.address)
    }

    /// As a data segment.
    pub(crate) fn data(&self) -> String {
        let bytes: String = self.bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        format!("(data (i32.const {}) \"{bytes}\")", self.address)
    }
}

pub(crate) enum Field {
    /// A discriminant or small enum, padded to `0` more bytes as the layout needs.
    Byte(u8, usize),
    Word(u32),
    Long(u64),
    /// A string: pointer and length.
    Text(Vec<u8>),
    /// A list: pointer and count.
    List(Vec<Record>),
}

pub(crate) struct Record(pub(crate) Vec<Field>);

impl Record {
    fn size(&self) -> usize {
        self.0.iter().map(Field::size).sum()
    }

    fn write(&self, mut at: usize, base: u32, bytes: &mut Vec<u8>) {
        for field in &self.0 {
            field.write(at, base, bytes);
            at += field.size();
        }
    }
}

impl Field {
    fn size(&self) -> usize {
        match self {
            Self::Byte(_, padding) => 1 + padding,
            Self::Word(_) => 4,
            Self::Long(_) | Self::Text(_) | Self::List(_) => 8,
        }
    }

    fn write(&self, at: usize, base: u32, bytes: &mut Vec<u8>) {
        match self {
            Self::Byte(byte, _) => bytes[at] = *byte,
            Self::Word(word) => put(at, &word.to_le_bytes(), bytes),
            Self::Long(long) => put(at, &long.to_le_bytes(), bytes),
            Self::Text(text) => {
                point(at, base, text.len(), bytes);
                bytes.extend(text);
            }
            Self::List(records) => {
                let start = point(at, base, records.len(), bytes);
                bytes.resize(start + records.iter().map(Record::size).sum::<usize>(), 0);
                let mut at = start;
                for record in records {
                    record.write(at, base, bytes);
                    at += record.size();
                }
            }
        }
    }
}

fn put(at: usize, field: &[u8], bytes: &mut [u8]) {
    bytes[at..at + field.len()].copy_from_slice(field);
}

/// Points a field at the end of what is written so far, and says where that is.
fn point(at: usize, base: u32, count: usize, bytes: &mut Vec<u8>) -> usize {
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    let start = bytes.len();
    put(at, &(base + start as u32).to_le_bytes(), bytes);
    put(at + 4, &(count as u32).to_le_bytes(), bytes);
    start
}

/// `result<decision, plugin-error>`, ok.
pub(crate) fn decision(verdicts: Vec<Record>, state: &[u8]) -> Answer {
    let fields = vec![Field::Byte(0, 3), Field::List(verdicts), Field::Text(state.to_vec())];
    Answer::new(1024, &Record(fields))
}

/// `verdict` with marks: 1 masks, 2 drops.
pub(crate) fn marking(case: u8, marks: Vec<Record>) -> Record {
    Record(vec![Field::Byte(case, 3), Field::List(marks)])
}

/// `verdict` with a reason: 3 asks for approval, 4 denies.
pub(crate) fn reasoning(case: u8, reason: &[u8]) -> Record {
    Record(vec![Field::Byte(case, 3), Field::Text(reason.to_vec())])
}

/// `verdict` allow.
pub(crate) fn allow() -> Record {
    Record(vec![Field::Byte(0, 3), Field::Long(0)])
}

/// `mark`: place 0 is content, 1 a leaf's value, 2 a leaf's path.
pub(crate) fn mark(place: u8, leaf: u32, start: u32, end: u32, category: &str) -> Record {
    Record(vec![
        Field::Byte(place, 3),
        Field::Word(leaf),
        Field::Word(start),
        Field::Word(end),
        Field::Text(category.into()),
    ])
}

/// `result<list<finding>, plugin-error>`, ok.
pub(crate) fn findings(address: u32, findings: Vec<Record>) -> Answer {
    Answer::new(address, &Record(vec![Field::Byte(0, 3), Field::List(findings)]))
}

/// `result<observation, plugin-error>`, ok.
pub(crate) fn observation(findings: Vec<Record>, state: &[u8]) -> Answer {
    let fields = vec![Field::Byte(0, 3), Field::List(findings), Field::Text(state.to_vec())];
    Answer::new(1024, &Record(fields))
}

/// `finding`: state and severity by number.
pub(crate) fn finding(control: &str, message: &str, evidence: &[u64]) -> Record {
    let evidence = evidence.iter().map(|sequence| Record(vec![Field::Long(*sequence)])).collect();
    Record(vec![
        Field::Text(control.into()),
        Field::Byte(1, 0),
        Field::Byte(2, 2),
        Field::Text(message.into()),
        Field::List(evidence),
    ])
}

/// `result<frame, plugin-error>`, ok.
pub(crate) fn frame(system: &str, constraints: &[&str]) -> Answer {
    let constraints = constraints.iter().map(|text| Record(vec![Field::Text((*text).into())])).collect();
    let fields =
        vec![Field::Byte(0, 3), Field::Byte(1, 3), Field::Text(system.into()), Field::List(constraints)];
    Answer::new(1024, &Record(fields))
}

/// `result<review, plugin-error>`, ok: 0 accepts.
pub(crate) fn accept() -> Answer {
    Answer::new(98_304, &Record(vec![Field::Byte(0, 3), Field::Byte(0, 3), Field::Long(0)]))
}

/// `result<review, plugin-error>`, ok: revise for these reasons.
pub(crate) fn revise(reasons: &[&str]) -> Answer {
    let reasons = reasons.iter().map(|text| Record(vec![Field::Text((*text).into())])).collect();
    Answer::new(98_304, &Record(vec![Field::Byte(0, 3), Field::Byte(1, 3), Field::List(reasons)]))
}
