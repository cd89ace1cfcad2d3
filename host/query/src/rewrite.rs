//! From the query as it was written to one that SQLite understands.
//!
//! Two passes over the tree, and none over its text: [`events`] makes one `EXISTS` of what one
//! conjunction says of a trace's events, then [`names`] finds out what every name means and makes
//! dotted paths what they stand for. A query in which nothing is to be rewritten goes to SQLite as
//! it was typed.

mod events;
mod names;
mod scope;

use core::ops::ControlFlow;

use sqlparser::ast::{Ident, Statement, ValueWithSpan, Visit, VisitMut, Visitor};
use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

use crate::error::QueryError;
use crate::parse;
use crate::spot::Spot;

/// A query that SQLite understands.
#[derive(Debug)]
pub(crate) struct Rewritten {
    /// Its text.
    pub(crate) sql: String,
    /// What it comes from, where it is not the text that was typed.
    origin: Option<Origin>,
}

/// What a rewritten text comes from.
#[derive(Debug)]
struct Origin {
    typed: String,
    /// The rewritten tree, in which names have the places that they were typed at.
    statement: Statement,
}

impl Rewritten {
    /// Rewrites a query.
    pub(crate) fn of(text: &str) -> Result<Self, QueryError> {
        let mut statement = parse::statement(text)?;
        let mut changed = false;
        if let ControlFlow::Break(error) =
            VisitMut::visit(&mut statement, &mut events::Exists::new(&mut changed))
        {
            return Err(*error);
        }
        if let ControlFlow::Break(error) =
            VisitMut::visit(&mut statement, &mut names::Names::new(&mut changed))
        {
            return Err(*error);
        }
        if !changed {
            return Ok(Self { sql: text.to_owned(), origin: None });
        }
        let origin = Origin { typed: text.to_owned(), statement };
        Ok(Self { sql: origin.statement.to_string(), origin: Some(origin) })
    }

    /// Where in the text as it was typed this byte of [`Self::sql`] comes from.
    ///
    /// A word that was typed once is there. Else: names and values keep their places while the tree
    /// around them changes, so the rewritten text is parsed once more, and its names and values
    /// paired with those of the rewritten tree.
    pub(crate) fn spot(&self, byte: usize) -> Option<Spot> {
        let at = Spot::at_byte(&self.sql, byte).word_in(&self.sql);
        let Some(origin) = &self.origin else { return Some(at) };
        let word = self.sql.get(byte..)?.chars().take(at.length).collect::<String>();
        if let Some(spot) = only(&origin.typed, &word) {
            return Some(spot);
        }
        let again = parse::statement(&self.sql).ok()?;
        let (typed, written) = (places(&origin.statement), places(&again));
        if typed.len() != written.len() {
            return None;
        }
        let before =
            |span: &Span| Spot::of(*span).is_some_and(|it| (it.line, it.column) <= (at.line, at.column));
        let pairs = written.iter().zip(&typed).filter(|(written, _)| before(written));
        let (_, typed) = pairs.max_by_key(|(written, _)| (written.start.line, written.start.column))?;
        Spot::of(*typed)
    }
}

/// The place of a word that stands in a text once.
fn only(text: &str, word: &str) -> Option<Spot> {
    let tokens = parse::tokens(text).ok()?;
    let is_word = |token: &&TokenWithSpan| matches!(&token.token, Token::Word(it) if it.value.eq_ignore_ascii_case(word));
    let mut found = tokens.iter().filter(is_word);
    let first = found.next()?;
    found.next().is_none().then(|| Spot::of(first.span))?
}

/// Where the names and values of a statement stand, in the order of the tree.
fn places(statement: &Statement) -> Vec<Span> {
    struct Places(Vec<Span>);

    impl Visitor for Places {
        type Break = ();

        fn pre_visit_ident(&mut self, ident: &Ident) -> ControlFlow<()> {
            self.0.push(ident.span);
            ControlFlow::Continue(())
        }

        fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<()> {
            self.0.push(value.span);
            ControlFlow::Continue(())
        }
    }

    let mut places = Places(Vec::new());
    let _ = statement.visit(&mut places);
    places.0
}
