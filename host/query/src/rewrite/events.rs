//! What a query says of the events of its traces, without having them in FROM.
//!
//! `SELECT * FROM traces WHERE events.type = 'decision' AND events.confidence < 0.7` speaks of *one*
//! event that is both. So everything that a conjunction says of events becomes one `EXISTS` over the
//! events of the trace, and the rest of it stays where it is. What OR and NOT mean then is told in
//! the documentation of this crate ([`crate`]); [`Exists::condition`] is the place that does it.

use core::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, Query, Select, SetExpr, Spanned, UnaryOperator, Visit, VisitMut, Visitor,
    VisitorMut,
};
use sqlparser::tokenizer::Span;

use super::scope::{Queries, Scope};
use crate::error::{QueryError, Wrong};
use crate::parse;
use crate::schema::Table;
use crate::spot::Spot;

/// What the tables of events are called in the `EXISTS`, so that what spoke of `events` there still
/// does.
const EVENTS: &str = "events";

const OF_WHICH: &str =
    "FROM has traces twice, and `events.…` could be of either; JOIN events with the one that is meant";

type Flow = ControlFlow<Box<QueryError>>;

/// The pass. Inner queries come first: what is left for an outer one is its own.
#[derive(Debug)]
pub(super) struct Exists<'c> {
    queries: Queries,
    scopes: Vec<Scope>,
    changed: &'c mut bool,
}

impl<'c> Exists<'c> {
    pub(super) fn new(changed: &'c mut bool) -> Self {
        Self { queries: Queries::default(), scopes: Vec::new(), changed }
    }
}

impl VisitorMut for Exists<'_> {
    type Break = Box<QueryError>;

    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        self.queries.enter(query);
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> Flow {
        self.queries.leave();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> Flow {
        self.scopes.push(Scope::of(select, &self.queries));
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &mut Select) -> Flow {
        let scope = self.scopes.pop().unwrap_or_default();
        let outside = self.scopes.iter().any(|scope| scope.item(EVENTS).is_some());
        if outside || scope.item(EVENTS).is_some() || scope.traces().next().is_none() {
            return ControlFlow::Continue(());
        }
        let Some(selection) = select.selection.take_if(|selection| self.speaks(selection)) else {
            return ControlFlow::Continue(());
        };
        *self.changed = true;
        match self.condition(selection, &scope) {
            Ok(condition) => {
                select.selection = Some(condition);
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(Box::new(error)),
        }
    }
}

impl Exists<'_> {
    /// A condition of its own: each side of an OR is one, what NOT denies is one.
    fn condition(&self, condition: Expr, scope: &Scope) -> Result<Expr, QueryError> {
        if !self.speaks(&condition) {
            return Ok(condition);
        }
        match condition {
            Expr::Nested(inner) => Ok(Expr::Nested(Box::new(self.condition(*inner, scope)?))),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(not(self.condition(*expr, scope)?)),
            Expr::BinaryOp { left, op: BinaryOperator::Or, right } => Ok(Expr::BinaryOp {
                left: Box::new(self.condition(*left, scope)?),
                op: BinaryOperator::Or,
                right: Box::new(self.condition(*right, scope)?),
            }),
            Expr::BinaryOp { op: BinaryOperator::And, .. } => self.conjunction(condition, scope),
            one => self.exists(vec![one], scope),
        }
    }

    /// What a conjunction says of events is about one and the same.
    fn conjunction(&self, conjunction: Expr, scope: &Scope) -> Result<Expr, QueryError> {
        let mut terms = Vec::new();
        flatten(conjunction, &mut terms);
        let is_about_one = |term: &Expr| self.speaks(term) && !denies(term);
        let about_one = terms.iter().filter(|term| is_about_one(term)).count();
        let mut kept = Vec::new();
        let (mut of_events, mut place) = (Vec::new(), None);
        for term in terms {
            if about_one > 1 && is_about_one(&term) {
                place.get_or_insert(kept.len());
                of_events.push(term);
            } else {
                kept.push(self.condition(term, scope)?);
            }
        }
        if let Some(place) = place {
            kept.insert(place, self.exists(of_events, scope)?);
        }
        Ok(all(kept).expect("invariant: a conjunction has terms"))
    }

    /// There is an event of the trace for which all of these hold.
    fn exists(&self, terms: Vec<Expr>, scope: &Scope) -> Result<Expr, QueryError> {
        let span = terms.first().map_or_else(Span::empty, Spanned::span);
        let mut traces = scope.traces();
        let trace = traces.next().map(|trace| trace.name.clone()).unwrap_or_default();
        if traces.next().is_some() {
            return Err(Wrong::Events(OF_WHICH).at(Spot::of(span)));
        }
        let mut conditions: Vec<Expr> = ["trace_id", "log"].map(|column| same(column, &trace, span)).into();
        for term in terms {
            let mut term = self.within(term, scope)?;
            let mut columns = Columns { of: scope, queries: &self.queries, inner: Vec::new() };
            if let ControlFlow::Break(error) = VisitMut::visit(&mut term, &mut columns) {
                return Err(*error);
            }
            conditions.push(term);
        }
        Ok(Expr::Exists { subquery: Box::new(events_where(conditions, span)?), negated: false })
    }

    /// Inside an `EXISTS`, what NOT denies is still about every event of the trace.
    fn within(&self, term: Expr, scope: &Scope) -> Result<Expr, QueryError> {
        match term {
            Expr::Nested(inner) => Ok(Expr::Nested(Box::new(self.within(*inner, scope)?))),
            Expr::BinaryOp { left, op: op @ (BinaryOperator::And | BinaryOperator::Or), right } => {
                Ok(Expr::BinaryOp {
                    left: Box::new(self.within(*left, scope)?),
                    op,
                    right: Box::new(self.within(*right, scope)?),
                })
            }
            Expr::UnaryOp { op: UnaryOperator::Not, .. } => self.condition(term, scope),
            one => Ok(one),
        }
    }

    /// Whether an expression speaks of `events` that no query inside of it has.
    fn speaks(&self, expression: &Expr) -> bool {
        expression.visit(&mut Speaks { queries: &self.queries, inside: 0 }).is_break()
    }
}

/// Looks for `events.…`, but in queries that have events or traces of their own.
struct Speaks<'q> {
    queries: &'q Queries,
    inside: usize,
}

impl Speaks<'_> {
    fn has_own(&self, select: &Select) -> bool {
        let scope = Scope::of(select, self.queries);
        scope.item(EVENTS).is_some() || scope.traces().next().is_some()
    }
}

impl Visitor for Speaks<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.inside += usize::from(self.has_own(select));
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.inside -= usize::from(self.has_own(select));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::CompoundIdentifier(path) if self.inside == 0 && is_events(path) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn is_events(path: &[Ident]) -> bool {
    path.len() > 1 && path[0].value.eq_ignore_ascii_case(EVENTS)
}

/// Says of columns without a table, which move to where events have columns of the same name, that
/// they are the trace's.
struct Columns<'s> {
    of: &'s Scope,
    queries: &'s Queries,
    inner: Vec<Scope>,
}

impl VisitorMut for Columns<'_> {
    type Break = Box<QueryError>;

    fn pre_visit_select(&mut self, select: &mut Select) -> Flow {
        self.inner.push(Scope::of(select, self.queries));
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &mut Select) -> Flow {
        self.inner.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> Flow {
        let path = match expression {
            Expr::Identifier(name) => vec![name.clone()],
            Expr::CompoundIdentifier(path) => path.clone(),
            _ => return ControlFlow::Continue(()),
        };
        match self.with_table(&path) {
            Ok(Some(table)) => *expression = Expr::CompoundIdentifier([vec![table], path].concat()),
            Ok(None) => {}
            Err(error) => return ControlFlow::Break(Box::new(error)),
        }
        ControlFlow::Continue(())
    }
}

impl Columns<'_> {
    /// The table that has to be named before this path, if one has.
    fn with_table(&self, path: &[Ident]) -> Result<Option<Ident>, QueryError> {
        let [name, ..] = path else { return Ok(None) };
        let column = name.value.as_str();
        let own = |scope: &Scope| {
            scope.item(column).is_some() || scope.is_open() || scope.with_column(column).next().is_some()
        };
        let is_table = self.of.item(column).is_some() || is_events(path);
        if is_table || Table::Events.column(column).is_none() || self.inner.iter().any(own) {
            return Ok(None);
        }
        let mut tables = self.of.with_column(column);
        match (tables.next(), tables.next()) {
            (Some(table), None) => Ok(Some(Ident { span: name.span, ..quoted(&table.name) })),
            (None, None) if !self.of.is_open() => {
                let near = vec![format!("{EVENTS}.{column}")];
                Err(Wrong::Column { name: column.to_owned(), table: None, near }.at(Spot::of(name.span)))
            }
            _ => Err(Wrong::Ambiguous(column.to_owned()).at(Spot::of(name.span))),
        }
    }
}

/// A name that means the same whatever it is made of.
pub(super) fn quoted(name: &str) -> Ident {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && Table::named(name).is_some();
    if plain { Ident::new(name) } else { Ident::with_quote('"', name) }
}

fn not(expression: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expression) }
}

/// Whether a term is `NOT …`, in parentheses or not.
fn denies(term: &Expr) -> bool {
    match term {
        Expr::Nested(inner) => denies(inner),
        Expr::UnaryOp { op: UnaryOperator::Not, .. } => true,
        _ => false,
    }
}

/// The terms of a conjunction; one in parentheses belongs to it as well.
fn flatten(conjunction: Expr, terms: &mut Vec<Expr>) {
    match conjunction {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            flatten(*left, terms);
            flatten(*right, terms);
        }
        Expr::Nested(inner) if is_conjunction(&inner) => flatten(*inner, terms),
        term => terms.push(term),
    }
}

fn is_conjunction(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_conjunction(inner),
        Expr::BinaryOp { op: BinaryOperator::And, .. } => true,
        _ => false,
    }
}

fn all(terms: Vec<Expr>) -> Option<Expr> {
    terms.into_iter().reduce(|left, right| Expr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::And,
        right: Box::new(right),
    })
}

/// That an event's column is the same as its trace's.
fn same(column: &str, trace: &str, span: Span) -> Expr {
    let path = |table: Ident| {
        Box::new(Expr::CompoundIdentifier(vec![
            Ident { span, ..table },
            Ident { span, ..Ident::new(column) },
        ]))
    };
    Expr::BinaryOp { left: path(Ident::new(EVENTS)), op: BinaryOperator::Eq, right: path(quoted(trace)) }
}

/// `SELECT 1 FROM events WHERE …`, every name of it at this place.
fn events_where(conditions: Vec<Expr>, span: Span) -> Result<Query, QueryError> {
    let frame = parse::tokens("SELECT 1 FROM events")?;
    let mut query = *parse::parser(frame).parse_query().map_err(|error| Wrong::Syntax(error.to_string()))?;
    let _ = VisitMut::visit(&mut query, &mut At(span));
    if let SetExpr::Select(select) = &mut *query.body {
        select.selection = all(conditions);
    }
    Ok(query)
}

/// Puts every name and value at one place.
struct At(Span);

impl VisitorMut for At {
    type Break = ();

    fn pre_visit_ident(&mut self, ident: &mut Ident) -> ControlFlow<()> {
        ident.span = self.0;
        ControlFlow::Continue(())
    }

    fn pre_visit_value(&mut self, value: &mut sqlparser::ast::ValueWithSpan) -> ControlFlow<()> {
        value.span = self.0;
        ControlFlow::Continue(())
    }
}
