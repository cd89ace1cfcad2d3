//! Conditions on events, as a person types them: `semantics.confidence < 0.7 and type = decision`.
//!
//! The syntax is SQL's, parsed by the same parser; what comes of it is core's typed
//! [`Filter`], which needs no engine. A word on the right is a value, so that quotes are needed only
//! where a value has other characters than letters, digits and `_`.

mod condition;
mod field;

use activemirror_core::filter::{Filter, Kinds, Sieve, Test};
use sqlparser::ast::{BinaryOperator, Expr, Spanned, UnaryOperator};
use sqlparser::tokenizer::Token;

use self::condition::condition;
use crate::error::{QueryError, Wrong};
use crate::parse;
use crate::spot::Spot;

/// The filter that this text is.
pub fn parse_filter(text: &str) -> Result<Filter, QueryError> {
    let tokens = parse::tokens(text)?;
    let mut parser = parse::parser(tokens);
    let parsed = parser.parse_expr().and_then(|expression| {
        parser.expect_token(&Token::EOF)?;
        Ok(expression)
    });
    let expression = parsed.map_err(|error| parse::syntax(text, error, parser.peek_token().span))?;
    let filter = filter(&expression)?;
    // Its limits are core's, for it and for what a search adds to it.
    let searched = Filter::from(Test::Kind(Kinds::EVENTS)).and(filter.clone());
    Sieve::new(&searched).map_err(|error| Wrong::Sql(error.to_string()))?;
    Ok(filter)
}

fn filter(expression: &Expr) -> Result<Filter, QueryError> {
    match expression {
        Expr::Nested(inner) => filter(inner),
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(!filter(expr)?),
        Expr::BinaryOp { op: BinaryOperator::And, .. } => {
            Ok(Filter::All(chain(expression, &BinaryOperator::And)?))
        }
        Expr::BinaryOp { op: BinaryOperator::Or, .. } => {
            Ok(Filter::Any(chain(expression, &BinaryOperator::Or)?))
        }
        one => condition(one),
    }
}

/// The parts of a row of ANDs or of ORs: as one list, since a filter may not be as deep as a row of
/// them is long.
fn chain(expression: &Expr, joined_by: &BinaryOperator) -> Result<Vec<Filter>, QueryError> {
    let (mut parts, mut rest) = (Vec::new(), expression);
    while let Expr::BinaryOp { left, op, right } = rest
        && op == joined_by
    {
        parts.push(filter(right)?);
        rest = left;
    }
    parts.push(filter(rest)?);
    parts.reverse();
    Ok(parts)
}

/// What is wrong with this part of a filter.
fn wrong(part: &Expr, what: impl Into<String>) -> QueryError {
    Wrong::Syntax(what.into()).at(Spot::of(part.span()))
}
