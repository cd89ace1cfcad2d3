//! From text to one statement that reads, or a refusal that says where.
//!
//! Two things are counted before and while parsing, since a tree is walked and dropped on the
//! stack: how deep the text nests, and how many operators it has, a row of which becomes a tree as
//! deep as the row is long.

mod dialect;

use core::ops::ControlFlow;

use sqlparser::ast::{Query, Select, Spanned, Statement, Visit, Visitor};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

pub(crate) use self::dialect::Sqlite;
use crate::error::{QueryError, Wrong};
use crate::limits::{Limit, NESTING_MAX, OPERATORS_MAX, TEXT_BYTES_MAX};
use crate::spot::Spot;

/// The one statement of this text. It reads, as far as can be seen from its form.
pub(crate) fn statement(text: &str) -> Result<Statement, QueryError> {
    let tokens = tokens(text)?;
    let first = first(&tokens).ok_or(Wrong::NotOne)?;
    let first_spot = Spot::of(first.span);
    let first_word = first.token.to_string();
    let mut parser = parser(tokens);
    let statements = parser.parse_statements().map_err(|error| {
        let error = syntax(text, error, parser.peek_token().span);
        // What is no query need not be understood to be refused.
        if reads(&first_word) { error } else { Wrong::NotRead(first_word.to_uppercase()).at(first_spot) }
    })?;
    let [statement] = <[Statement; 1]>::try_from(statements).map_err(|_| QueryError::from(Wrong::NotOne))?;
    check_reads(&statement).map_err(|word| Wrong::NotRead(word).at(first_spot))?;
    Ok(statement)
}

/// The tokens of this text, within the limits.
pub(crate) fn tokens(text: &str) -> Result<Vec<TokenWithSpan>, QueryError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(Limit::Text(text.len()).into());
    }
    if let Some(byte) = text.find('\0') {
        return Err(
            Wrong::Syntax("a query has no NUL characters".to_owned()).at(Some(Spot::at_byte(text, byte)))
        );
    }
    let mut tokens = Tokenizer::new(&Sqlite, text)
        .tokenize_with_location()
        .map_err(|error| at_location(text, error.message, error.location))?;
    tokens.iter_mut().for_each(|token| hexadecimal(text, token));
    let operators = tokens.iter().filter(|token| is_operator(&token.token));
    match operators.clone().count() {
        0..=OPERATORS_MAX => Ok(tokens),
        _ => {
            let spot = operators.map(|token| token.span).nth(OPERATORS_MAX).and_then(Spot::of);
            Err(Wrong::Limit(Limit::Operators).at(spot))
        }
    }
}

/// A parser of these tokens.
pub(crate) fn parser(tokens: Vec<TokenWithSpan>) -> Parser<'static> {
    Parser::new(&Sqlite).with_recursion_limit(NESTING_MAX).with_tokens_with_locations(tokens)
}

/// What the parser complains of, and where: at `at`, if it does not say.
pub(crate) fn syntax(text: &str, error: ParserError, at: Span) -> QueryError {
    match error {
        ParserError::RecursionLimitExceeded => Wrong::Limit(Limit::Nesting).at(Spot::of(at)),
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            // The parser's errors are texts that end with the place of what it found.
            let (message, place) = message.rsplit_once(" at Line: ").unwrap_or((&message, ""));
            let location = place
                .split_once(", Column: ")
                .and_then(|(line, column)| Some(Location::new(line.parse().ok()?, column.parse().ok()?)));
            let at = location.map_or(at, |at| Span::new(at, at));
            let message = message.replacen("Expected: ", "expected ", 1).replacen("found: ", "found ", 1);
            let spot = Spot::of(at).unwrap_or_else(|| Spot::at_byte(text, text.trim_end().len()));
            let spot = found(text, &message, spot).unwrap_or(spot);
            Wrong::Syntax(message.replace("found EOF", "the query ends")).at(Some(spot.word_in(text)))
        }
    }
}

/// The place of what a message says was found, where the parser was one token behind it when it said
/// so.
fn found(text: &str, message: &str, at: Spot) -> Option<Spot> {
    let (_, word) = message.rsplit_once("found ")?;
    let tokens = tokens(text).ok()?;
    let tokens: Vec<_> = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
    let here = tokens.iter().position(|token| {
        Spot::of(token.span).is_some_and(|spot| (spot.line, spot.column) >= (at.line, at.column))
    });
    let here = here.unwrap_or(tokens.len());
    let says = |token: &TokenWithSpan| token.token.to_string() == word;
    let is_here = tokens.get(here).is_some_and(|token| says(token));
    let before = tokens.get(here.checked_sub(1)?)?;
    (!is_here && says(before)).then(|| Spot::of(before.span))?
}

fn at_location(text: &str, message: String, location: Location) -> QueryError {
    let span = Span::new(location, location);
    Wrong::Syntax(message).at(Spot::of(span).or(Some(Spot::at_byte(text, text.len()))))
}

/// In SQLite `0x1F` is a number, and not the bytes that the tokenizer takes it for.
fn hexadecimal(text: &str, token: &mut TokenWithSpan) {
    let Token::HexStringLiteral(digits) = &token.token else { return };
    let Some(spot) = Spot::of(token.span) else { return };
    if text.get(spot.byte(text)..).is_some_and(|rest| rest.starts_with("0x") || rest.starts_with("0X"))
        && let Ok(number) = u64::from_str_radix(digits, 16)
    {
        // As SQLite has it: the bits of a signed number.
        token.token = Token::Number(number.cast_signed().to_string(), false);
    }
}

/// Whether a token can make the tree deeper without a parenthesis.
const fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => matches!(
            word.keyword,
            Keyword::AND
                | Keyword::OR
                | Keyword::NOT
                | Keyword::IS
                | Keyword::NOTNULL
                | Keyword::IN
                | Keyword::LIKE
                | Keyword::GLOB
                | Keyword::REGEXP
                | Keyword::MATCH
                | Keyword::BETWEEN
                | Keyword::COLLATE
                | Keyword::UNION
                | Keyword::EXCEPT
                | Keyword::INTERSECT
                | Keyword::CASE
                | Keyword::JOIN
        ),
        Token::EOF
        | Token::Whitespace(_)
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::HexStringLiteral(_)
        | Token::Comma
        | Token::Period
        | Token::LParen
        | Token::RParen
        | Token::SemiColon
        | Token::Mul
        | Token::Placeholder(_) => false,
        _ => true,
    }
}

fn first(tokens: &[TokenWithSpan]) -> Option<&TokenWithSpan> {
    tokens
        .iter()
        .find(|token| !matches!(token.token, Token::Whitespace(_) | Token::SemiColon | Token::LParen))
}

/// Whether what begins with this word may be a query.
fn reads(word: &str) -> bool {
    ["select", "with", "values", "explain"].iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Sees to it that nothing in a statement writes. SQLite is asked the same in its own way
/// ([`crate::engine`]); this is for the message.
fn check_reads(statement: &Statement) -> Result<(), String> {
    let inner = match statement {
        Statement::Query(_) => statement,
        Statement::Explain { statement, analyze: false, .. }
            if matches!(**statement, Statement::Query(_)) =>
        {
            statement
        }
        other => return Err(word_of(other)),
    };
    match inner.visit(&mut Writes) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(word) => Err(*word),
    }
}

/// Finds what writes within a query.
struct Writes;

impl Visitor for Writes {
    type Break = Box<String>;

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<Self::Break> {
        match statement {
            Statement::Query(_) => ControlFlow::Continue(()),
            other => ControlFlow::Break(Box::new(word_of(other))),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<Self::Break> {
        match &select.into {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(Box::new("SELECT INTO".to_owned())),
        }
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<Self::Break> {
        match query.locks.is_empty() {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(Box::new("SELECT FOR UPDATE".to_owned())),
        }
    }
}

/// The word that a statement begins with.
fn word_of(statement: &Statement) -> String {
    let text = statement.to_string();
    text.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default().to_uppercase()
}

/// The place of a part of the tree.
pub(crate) fn spot_of(part: &impl Spanned) -> Option<Spot> {
    Spot::of(part.span())
}
