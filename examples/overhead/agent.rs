//! The agent: it builds a prompt, reads its model's reply, searches its documents and answers. Its
//! work is real and always the same; only the model is a function.

use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

use activemirror::Recorder;
use activemirror::document::Event;
use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

/// How much there is to do.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Work {
    /// Documents that the agent knows.
    pub(crate) documents: usize,
    /// How many searches a step takes.
    pub(crate) rounds: usize,
    /// How long the model takes.
    pub(crate) model_ms: u64,
    /// How many steps there are.
    pub(crate) steps: usize,
}

/// Turns of the conversation that go into a prompt.
const REMEMBERED: usize = 12;

/// Documents that one search looks through.
const SEARCHED: usize = 100;

const WORDS: [&str; 24] = [
    "lighthouse",
    "keeper",
    "storm",
    "harbour",
    "lamp",
    "oil",
    "lens",
    "signal",
    "fog",
    "bell",
    "cliff",
    "boat",
    "chart",
    "tide",
    "island",
    "winter",
    "ledger",
    "visit",
    "repair",
    "supply",
    "letter",
    "night",
    "watch",
    "shore",
];

/// What the agent knows and remembers.
pub(crate) struct Agent {
    documents: Vec<String>,
    history: Vec<String>,
    random: u64,
}

/// What the model answers.
#[derive(Debug, Deserialize)]
struct Reply {
    thought: String,
    query: String,
    confidence: f64,
}

impl Agent {
    pub(crate) fn new(documents: usize) -> Self {
        let mut agent = Self { documents: Vec::new(), history: Vec::new(), random: 0x9e37_79b9_7f4a_7c15 };
        agent.documents = (0..documents).map(|_| agent.words(40)).collect();
        agent
    }

    /// One step. What it does is the same whether or not somebody records it.
    pub(crate) fn step(&mut self, work: &Work, recorder: &mut Option<Recorder>) -> Result<()> {
        let question = self.words(12);
        tell(recorder, || Event::observation(&*question).from_user())?;
        let reply: Reply = serde_json::from_str(&self.model(&question, work)).context("the model's reply")?;
        tell(recorder, || Event::thought(&*reply.thought).intent("look_up", reply.confidence))?;
        tell(recorder, || Event::action("search").with("/parameters/query", &*reply.query))?;
        let found = (0..work.rounds).filter_map(|round| self.search(round, black_box(&reply.query))).max();
        let place = found.map_or(0, |(_, place)| place);
        let document = self.documents.get(place).map_or("", String::as_str);
        tell(recorder, || Event::observation(document).from_tool().with("/data/place", place as i64))?;
        let answer = format!("On {}: {document}", reply.query);
        tell(recorder, || Event::output(&*answer))?;
        self.history.extend([question, answer]);
        Ok(())
    }

    /// What a model would say to the prompt, after as long as it would take.
    fn model(&mut self, question: &str, work: &Work) -> String {
        let past = self.history.iter().rev().take(REMEMBERED);
        let prompt = past.fold(format!("Answer: {question}"), |prompt, turn| format!("{turn}\n{prompt}"));
        std::thread::sleep(Duration::from_millis(work.model_ms));
        let query = self.words(3);
        let confidence = (prompt.len() % 100) as f64 / 100.0;
        let thought = format!("{} bytes of prompt; look up {query}", prompt.len());
        serde_json::json!({ "thought": thought, "query": query, "confidence": confidence }).to_string()
    }

    /// Of some of the documents, the one that says most of the query's words: how many, and which.
    fn search(&self, round: usize, query: &str) -> Option<(usize, usize)> {
        let words: Vec<&str> = query.split(' ').collect();
        let score = |document: &String| document.split(' ').filter(|word| words.contains(word)).count();
        let from = round * SEARCHED % self.documents.len();
        let searched = self.documents.iter().enumerate().skip(from).take(SEARCHED);
        searched.map(|(place, document)| (score(document), place)).max()
    }

    fn words(&mut self, count: usize) -> String {
        let mut word = || {
            // Xorshift: the same words everywhere.
            self.random ^= self.random << 13;
            self.random ^= self.random >> 7;
            self.random ^= self.random << 17;
            WORDS[(self.random % WORDS.len() as u64) as usize]
        };
        (0..count).map(|_| word()).collect::<Vec<_>>().join(" ")
    }
}

fn tell(recorder: &mut Option<Recorder>, event: impl FnOnce() -> Event) -> Result<()> {
    if let Some(recorder) = recorder {
        let ruled = recorder.record(event())?;
        ensure!(ruled.may_proceed(), "a policy stops the agent: {:?}", ruled.reasons().collect::<Vec<_>>());
    }
    Ok(())
}

/// How often a step has to search so that it takes about so long here.
pub(crate) fn rounds(documents: usize, step_ms: f64) -> usize {
    let mut agent = Agent::new(documents);
    let mut took = |rounds| -> f64 {
        let work = Work { documents, rounds, model_ms: 0, steps: 1 };
        let begun = Instant::now();
        for _ in 0..10 {
            black_box(agent.step(&work, &mut None)).ok();
        }
        begun.elapsed().as_secs_f64() * 1e2
    };
    took(1);
    ((step_ms / took(1)).round() as usize).max(1)
}
