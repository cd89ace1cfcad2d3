//! Runs of tau-bench, each a conversation of a user, an agent and its tools: one trace and one
//! session per run.
//!
//! | message | becomes |
//! |---|---|
//! | `system` | [`Trace::system`], and no event |
//! | `user` | an observation with `metadata.source` = `user` |
//! | `assistant` without tool calls | an output |
//! | `assistant` with tool calls: its text | a thought, before the calls |
//! | – each call | an action: the function's name, and its arguments as `parameters` |
//! | – a call of `think` | a thought, whose content is the argument `thought` |
//! | `tool` | an observation with `metadata.tool_call_id`; an object or list is its `data`, any other result its content |
//!
//! Of the run itself, `task_id`, `reward` and `trial` are kept in `metadata`. A run has no times:
//! events are one second apart from the Unix epoch, and `metadata.synthetic_time` says so. A run
//! has no ids either: trace and session get UUIDv5s of the run. The user is the `user_id` that the
//! first call with one names.
//!
//! What a model wrote as arguments may be no JSON, or more than [`crate::json::limits`] allow; it
//! is kept as the text it is, under `/parameters/arguments`. A tool's result that is no JSON object
//! or list within those limits is content anyway.

use activemirror_core::time::Timestamp;
use activemirror_core::trace::Kind;

use super::error::FormatError;
use super::fields::Fields;
use super::identity::{self, Purpose};
use crate::document::{Event, Leaf, Trace, Value};
use crate::json::limits::NESTING_MAX;
use crate::json::{Budget, Node, Object, Record, Tree, parse};

/// Who acts in a run whose system text does not say which of the benchmark's agents it is.
const DEFAULT_AGENT: &str = "tau-airline";

/// What the benchmark's system texts begin with, around the agent's domain, in lower case.
const HEADING: (&str, &str) = ("# ", " agent policy");

/// How deep JSON in a text may nest, so that a trace that has it inside its `events` can be read
/// again.
const TEXT_NESTING_MAX: usize = NESTING_MAX - 3;

/// The trace that a run is.
pub(super) fn read(record: Record) -> Result<Trace, FormatError> {
    let id = identity::of_record(&record.node, Purpose::Trace);
    let session = identity::of_record(&record.node, Purpose::Session);
    let mut fields = Fields::of(record.node, String::new())?;
    let leaves = run_metadata(&mut fields)?;
    let mut run = Run { budget: record.budget, system: None, user: None, events: Vec::new() };
    for (index, message) in fields.list("traj")?.into_iter().enumerate() {
        run.read_message(Fields::of(message, format!("/traj[{index}]"))?)?;
    }
    Ok(Trace {
        id: id.to_string(),
        agent: agent(run.system.as_deref()),
        session: Some(format!("sess_{}", session.simple())),
        user: run.user,
        time: Timestamp::default(),
        system: run.system,
        leaves,
        events: run.events,
    })
}

fn run_metadata(fields: &mut Fields) -> Result<Vec<Leaf>, FormatError> {
    let synthetic = Leaf { path: "/metadata/synthetic_time".to_owned(), value: Value::Bool(true) };
    let mut leaves = vec![synthetic];
    for key in ["task_id", "reward", "trial"] {
        if let Some(node) = fields.take_within(key, 2)? {
            node.flatten(&format!("/metadata/{key}"), &mut leaves);
        }
    }
    Ok(leaves)
}

fn agent(system: Option<&str>) -> String {
    let heading = system.and_then(|text| text.lines().next()).unwrap_or_default().to_lowercase();
    let domain = heading.strip_prefix(HEADING.0).and_then(|rest| rest.strip_suffix(HEADING.1));
    match domain {
        Some(domain) if is_word(domain) => format!("tau-{domain}"),
        _ => DEFAULT_AGENT.to_owned(),
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(char::is_alphanumeric)
}

/// Who a message is from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    System,
    User,
    Assistant,
    Tool,
}

/// The names of [`Role`], for people.
const ROLES: &str = "system, user, assistant or tool";

impl Role {
    fn named(name: &str) -> Option<Self> {
        match name {
            "system" => Some(Self::System),
            "user" => Some(Self::User),
            "assistant" => Some(Self::Assistant),
            "tool" => Some(Self::Tool),
            _ => None,
        }
    }
}

/// What has been read of a run.
struct Run {
    budget: Budget,
    system: Option<String>,
    user: Option<String>,
    events: Vec<Event>,
}

impl Run {
    fn read_message(&mut self, mut message: Fields) -> Result<(), FormatError> {
        let role = message.known_name("role", ROLES, Role::named)?;
        let text = message.text("content")?;
        match role {
            Role::System => self.add_system(text),
            Role::User => {
                self.add(Kind::Observation, None, text, vec![text_leaf("/metadata/source", "user")])
            }
            Role::Assistant => self.read_assistant(message, text)?,
            Role::Tool => self.read_result(message, text)?,
        }
        Ok(())
    }

    fn add_system(&mut self, text: Option<String>) {
        let Some(text) = text else { return };
        match &mut self.system {
            Some(system) => system.extend(["\n\n", &text]),
            None => self.system = Some(text),
        }
    }

    fn read_assistant(&mut self, mut message: Fields, text: Option<String>) -> Result<(), FormatError> {
        let calls = if message.is_given("tool_calls") { message.list("tool_calls")? } else { Vec::new() };
        if calls.is_empty() {
            self.add(Kind::Output, None, text, Vec::new());
            return Ok(());
        }
        if text.as_ref().is_some_and(|text| !text.is_empty()) {
            self.add(Kind::Thought, None, text, Vec::new());
        }
        let path = message.path_of("tool_calls");
        let calls = calls.into_iter().enumerate();
        calls
            .map(|(index, call)| Fields::of(call, format!("{path}[{index}]")))
            .try_for_each(|call| self.read_call(call?))
    }

    fn read_call(&mut self, mut call: Fields) -> Result<(), FormatError> {
        let id = call.text("id")?;
        let path = call.path_of("function");
        let function = call.take("function").ok_or_else(|| call.missing("function", "an object"))?;
        let mut function = Fields::of(function, path)?;
        let name = function.name("name")?;
        let mut arguments = self.read_arguments(function)?;
        if self.user.is_none() {
            self.user = arguments.as_ref().and_then(|arguments| member_text(arguments, "user_id"));
        }
        let thought = if name == "think" { arguments.as_mut().and_then(take_thought) } else { None };
        let mut leaves = Vec::new();
        if let Some(arguments) = arguments {
            arguments.flatten("/parameters", &mut leaves);
        }
        leaves.extend(id.map(|id| text_leaf("/metadata/tool_call_id", &id)));
        match thought {
            Some(thought) => self.add(Kind::Thought, None, Some(thought), leaves),
            None => self.add(Kind::Action, Some(name), None, leaves),
        }
        Ok(())
    }

    /// The arguments of a call: an object, or the text of one.
    fn read_arguments(&mut self, mut function: Fields) -> Result<Option<Node>, FormatError> {
        if !function.is_given("arguments") {
            return Ok(None);
        }
        function.check("arguments", "an object, or the text of one", |tree| {
            tree.is_object() || tree.as_text().is_some()
        })?;
        let Some(node) = function.take("arguments") else { return Ok(None) };
        let Some(text) = node.tree.as_text() else { return Ok(Some(node)) };
        let parsed =
            parse(text, TEXT_NESTING_MAX, &mut self.budget).ok().filter(|parsed| parsed.tree.is_object());
        let as_written = |node: Node| Node {
            at: node.at,
            tree: Tree::Object(Object::from([("arguments".to_owned(), node)])),
        };
        Ok(Some(parsed.unwrap_or_else(|| as_written(node))))
    }

    fn read_result(&mut self, mut message: Fields, text: Option<String>) -> Result<(), FormatError> {
        let id = message.text("tool_call_id")?;
        let parsed = text.as_deref().and_then(|text| parse(text, TEXT_NESTING_MAX, &mut self.budget).ok());
        let data = parsed.filter(|node| node.tree.is_object() || node.tree.is_list());
        let text = if data.is_some() { None } else { text };
        let mut leaves = Vec::new();
        if let Some(data) = data {
            data.flatten("/data", &mut leaves);
        }
        leaves.extend(id.map(|id| text_leaf("/metadata/tool_call_id", &id)));
        self.add(Kind::Observation, None, text, leaves);
        Ok(())
    }

    fn add(&mut self, kind: Kind, action: Option<String>, text: Option<String>, leaves: Vec<Leaf>) {
        let second = i64::try_from(self.events.len()).expect("invariant: a record has few values");
        let time = Timestamp::from_millis(second * 1000);
        self.events.push(Event {
            kind,
            time,
            alias: None,
            text,
            action,
            intent: None,
            confidence: None,
            leaves,
        });
    }
}

fn take_thought(arguments: &mut Node) -> Option<String> {
    let thought = member_text(arguments, "thought")?;
    if let Tree::Object(members) = &mut arguments.tree {
        members.shift_remove("thought");
    }
    Some(thought)
}

fn member_text(node: &Node, key: &str) -> Option<String> {
    let Tree::Object(members) = &node.tree else { return None };
    members.get(key)?.tree.as_text().map(str::to_owned)
}

fn text_leaf(path: &str, text: &str) -> Leaf {
    Leaf { path: path.to_owned(), value: Value::Text(text.to_owned()) }
}
