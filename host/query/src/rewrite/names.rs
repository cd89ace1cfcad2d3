//! What the names of a query mean: tables, columns, and fields within a column.
//!
//! `parameters.order_id` becomes `parameters ->> '$."order_id"'`, and `semantics.intent` and
//! `semantics.confidence` the columns that they are. What is not known is refused here, where its
//! place is known, with the nearest names that are; where a query reads from queries of its own,
//! only SQLite knows every column, and is left to say so.

use core::ops::ControlFlow;

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, ObjectName, Query, Select, TableFactor, Value, VisitorMut,
};

use super::events::quoted;
use super::scope::{self, Item, Queries, Scope};
use crate::error::{QueryError, Wrong};
use crate::near::near;
use crate::schema::{Holds, SEMANTIC_COLUMNS, SEMANTICS, Table};
use crate::spot::Spot;

const NOT_IN_WHERE: &str = "`events.…` speaks of a trace's events in WHERE only; to select, group or order by them, \
                            say FROM events, or JOIN events USING (log, trace_id)";

type Flow = ControlFlow<Box<QueryError>>;

/// The pass.
#[derive(Debug)]
pub(super) struct Names<'c> {
    queries: Queries,
    scopes: Vec<Scope>,
    changed: &'c mut bool,
}

impl<'c> Names<'c> {
    pub(super) fn new(changed: &'c mut bool) -> Self {
        Self { queries: Queries::default(), scopes: Vec::new(), changed }
    }
}

impl VisitorMut for Names<'_> {
    type Break = Box<QueryError>;

    fn pre_visit_query(&mut self, query: &mut Query) -> Flow {
        self.queries.enter(query);
        self.scopes.push(Scope::behind(query, &self.queries));
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &mut Query) -> Flow {
        self.queries.leave();
        self.scopes.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> Flow {
        self.scopes.push(Scope::of(select, &self.queries));
        ControlFlow::Continue(())
    }

    fn post_visit_select(&mut self, _: &mut Select) -> Flow {
        self.scopes.pop();
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> Flow {
        match factor {
            // What is called like a function is for SQLite to know.
            TableFactor::Table { name, args: None, .. } => flow(self.check_table(name)),
            _ => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> Flow {
        let meant = match expression {
            Expr::Identifier(name) => self.check_column(name).map(|()| None),
            Expr::CompoundIdentifier(path) => self.path(path),
            _ => return ControlFlow::Continue(()),
        };
        flow(meant.map(|meant| {
            if let Some(meant) = meant {
                *expression = meant;
                *self.changed = true;
            }
        }))
    }
}

impl Names<'_> {
    fn check_table(&self, name: &ObjectName) -> Result<(), QueryError> {
        let Some(last) = name.0.last().and_then(|part| part.as_ident()) else { return Ok(()) };
        let is_query = name.0.len() == 1 && self.queries.has(&last.value);
        if is_query || scope::table(name, &self.queries).is_some() {
            return Ok(());
        }
        let known = Table::ALL.map(Table::name).into_iter().chain(self.queries.names());
        let mut near = near(&last.value, known);
        if near.is_empty() {
            near = Table::ALL.map(|table| table.name().to_owned()).into();
        }
        Err(Wrong::Table { name: last.value.clone(), near }.at(Spot::of(last.span)))
    }

    /// Sees to it that there is such a column, as far as can be known.
    fn check_column(&self, name: &Ident) -> Result<(), QueryError> {
        let column = name.value.as_str();
        for scope in self.scopes.iter().rev() {
            if scope.is_open() || scope.has_alias(column) || scope.with_column(column).next().is_some() {
                return Ok(());
            }
        }
        Err(self.unknown(name))
    }

    /// What a dotted path stands for, if that is not what it says already.
    fn path(&self, path: &[Ident]) -> Result<Option<Expr>, QueryError> {
        let [first, rest @ ..] = path else { return Ok(None) };
        if let Some(item) = self.item(&first.value) {
            let [column, fields @ ..] = rest else { return Ok(None) };
            return column_of(item, first, column, fields);
        }
        if first.value.eq_ignore_ascii_case("main") && rest.len() == 2 {
            return Ok(None);
        }
        if let Some(item) = self.item_with_column(first)? {
            return column_of(item, &Ident { span: first.span, ..quoted(&item.name) }, first, rest)
                .map(|meant| meant.or_else(|| Some(Expr::CompoundIdentifier(path.to_vec()))));
        }
        let has_traces = self.scopes.iter().any(|scope| scope.traces().next().is_some());
        if has_traces && first.value.eq_ignore_ascii_case(Table::Events.name()) {
            return Err(Wrong::Events(NOT_IN_WHERE).at(Spot::of(first.span)));
        }
        if self.scopes.iter().any(Scope::is_open) && is_object(&first.value) {
            return field(Expr::Identifier(first.clone()), rest).map(Some);
        }
        Err(self.unknown(first))
    }

    /// What is called so, from the inside out.
    fn item(&self, name: &str) -> Option<&Item> {
        self.scopes.iter().rev().find_map(|scope| scope.item(name))
    }

    /// Which table has a column of this name, from the inside out.
    fn item_with_column(&self, column: &Ident) -> Result<Option<&Item>, QueryError> {
        for scope in self.scopes.iter().rev() {
            let mut items = scope.with_column(&column.value);
            match (items.next(), items.next()) {
                (Some(item), None) => return Ok(Some(item)),
                (Some(_), Some(_)) => {
                    return Err(Wrong::Ambiguous(column.value.clone()).at(Spot::of(column.span)));
                }
                _ => {}
            }
        }
        Ok(None)
    }

    fn unknown(&self, name: &Ident) -> QueryError {
        let spot = Spot::of(name.span);
        if name.quote_style == Some('"') {
            let what = format!("there is no column \"{}\"; a text stands in single quotes", name.value);
            return Wrong::Sql(what).at(spot);
        }
        let items = || self.scopes.iter().flat_map(|scope| &scope.items);
        let columns =
            items().filter_map(|item| item.table).flat_map(Table::columns).map(|column| column.name);
        let mut near = near(&name.value, columns.chain(items().map(|item| item.name.as_str())));
        let of_events = items().any(|item| item.table == Some(Table::Traces))
            && Table::Events.column(&name.value).is_some();
        if of_events {
            near = vec![format!("events.{}", name.value)];
        }
        Wrong::Column { name: name.value.clone(), table: None, near }.at(spot)
    }
}

/// What `table.column.fields` stands for.
fn column_of(
    item: &Item,
    table: &Ident,
    column: &Ident,
    fields: &[Ident],
) -> Result<Option<Expr>, QueryError> {
    let path = |column: Ident| Expr::CompoundIdentifier(vec![table.clone(), column]);
    let Some(of) = item.table else {
        return match fields {
            [] => Ok(None),
            fields => field(path(column.clone()), fields).map(Some),
        };
    };
    let unknown = |name: &Ident, near: Vec<String>| {
        let table = Some(item.name.clone());
        Wrong::Column { name: name.value.clone(), table, near }.at(Spot::of(name.span))
    };
    let Some(known) = of.column(&column.value) else {
        let near = near(&column.value, of.columns().iter().map(|column| column.name));
        return Err(unknown(column, near));
    };
    let [first, deeper @ ..] = fields else { return Ok(None) };
    if known.holds != Holds::Json {
        return Err(Wrong::NoFields(known.name.to_owned()).at(Spot::of(first.span)));
    }
    let own =
        SEMANTIC_COLUMNS.iter().find(|own| known.name == SEMANTICS && own.eq_ignore_ascii_case(&first.value));
    match (own, deeper) {
        (Some(own), []) => Ok(Some(path(Ident { span: column.span, ..Ident::new(*own) }))),
        (Some(own), [deeper, ..]) => Err(Wrong::NoFields((*own).to_owned()).at(Spot::of(deeper.span))),
        (None, _) => field(path(column.clone()), fields).map(Some),
    }
}

/// `(object ->> '$."a"."b"')`, in parentheses since `->>` binds no tighter than `||`.
fn field(object: Expr, fields: &[Ident]) -> Result<Expr, QueryError> {
    let mut path = "$".to_owned();
    for key in fields {
        if key.value.contains(['"', '\\']) {
            let what = "a key with a quote or a backslash in it is reached with `->>`".to_owned();
            return Err(Wrong::Sql(what).at(Spot::of(key.span)));
        }
        path.push_str(&format!(".\"{}\"", key.value));
    }
    let span = fields.first().map_or_else(sqlparser::tokenizer::Span::empty, |key| key.span);
    let path = Expr::Value(Value::SingleQuotedString(path).with_span(span));
    let reached =
        Expr::BinaryOp { left: Box::new(object), op: BinaryOperator::LongArrow, right: Box::new(path) };
    Ok(Expr::Nested(Box::new(reached)))
}

/// Whether a column of this name holds objects, in any table.
fn is_object(name: &str) -> bool {
    Table::ALL.iter().any(|table| table.column(name).is_some_and(|column| column.holds == Holds::Json))
}

fn flow(done: Result<(), QueryError>) -> Flow {
    match done {
        Ok(()) => ControlFlow::Continue(()),
        Err(error) => ControlFlow::Break(Box::new(error)),
    }
}
