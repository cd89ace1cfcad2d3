//! Which tables a name can be of: what stands in FROM, from the innermost query outwards.

use sqlparser::ast::{
    Cte, ObjectName, Query, Select, SelectItem, SetExpr, TableAlias, TableFactor, TableWithJoins,
};

use crate::schema::Table;

/// Something in FROM.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// What the query calls it.
    pub(super) name: String,
    /// Which table it is; `None` where it is a query of the author's own, whose columns SQLite
    /// knows best.
    pub(super) table: Option<Table>,
}

/// What one SELECT can speak of.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    pub(super) items: Vec<Item>,
    /// What it calls its own columns.
    aliases: Vec<String>,
}

impl Scope {
    /// The scope of a SELECT, where these names stand for queries of the author's own.
    pub(super) fn of(select: &Select, queries: &Queries) -> Self {
        let mut items = Vec::new();
        select.from.iter().for_each(|from| add_from(&mut items, from, queries));
        let alias = |item: &SelectItem| match item {
            SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.clone()),
            _ => None,
        };
        Self { items, aliases: select.projection.iter().filter_map(alias).collect() }
    }

    /// The scope of what follows a query, such as its ORDER BY.
    pub(super) fn behind(query: &Query, queries: &Queries) -> Self {
        match &*query.body {
            SetExpr::Select(select) => Self::of(select, queries),
            // Of a compound, its columns can be spoken of, and SQLite knows their names.
            _ => Self { items: vec![Item { name: String::new(), table: None }], aliases: Vec::new() },
        }
    }

    /// What is called so.
    pub(super) fn item(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.name.eq_ignore_ascii_case(name))
    }

    /// The tables with a column of this name.
    pub(super) fn with_column(&self, name: &str) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.table.is_some_and(|table| table.column(name).is_some()))
    }

    /// Whether it may have columns that only SQLite knows.
    pub(super) fn is_open(&self) -> bool {
        self.items.iter().any(|item| item.table.is_none())
    }

    /// Whether the SELECT calls a column of its own so.
    pub(super) fn has_alias(&self, name: &str) -> bool {
        self.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    }

    /// The traces in FROM.
    pub(super) fn traces(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.table == Some(Table::Traces))
    }
}

/// The names of common table expressions, from the outermost query inwards.
#[derive(Debug, Default)]
pub(super) struct Queries(Vec<Vec<String>>);

impl Queries {
    pub(super) fn enter(&mut self, query: &Query) {
        let tables = query.with.as_ref().map_or(&[][..], |with| &with.cte_tables);
        self.0.push(tables.iter().map(|table: &Cte| table.alias.name.value.clone()).collect());
    }

    pub(super) fn leave(&mut self) {
        self.0.pop();
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(String::as_str)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.names().any(|known| known.eq_ignore_ascii_case(name))
    }
}

/// The table that a name in FROM stands for, if it is one of ours.
pub(super) fn table(name: &ObjectName, queries: &Queries) -> Option<Table> {
    let parts: Vec<&str> = name.0.iter().filter_map(|part| Some(part.as_ident()?.value.as_str())).collect();
    match parts[..] {
        [name] if !queries.has(name) => Table::named(name),
        [schema, name] if schema.eq_ignore_ascii_case("main") => Table::named(name),
        _ => None,
    }
}

fn add_from(items: &mut Vec<Item>, from: &TableWithJoins, queries: &Queries) {
    add(items, &from.relation, queries);
    from.joins.iter().for_each(|join| add(items, &join.relation, queries));
}

fn add(items: &mut Vec<Item>, factor: &TableFactor, queries: &Queries) {
    let called = |alias: &Option<TableAlias>| alias.as_ref().map(|alias| alias.name.value.clone());
    match factor {
        TableFactor::Table { name, alias, args, .. } => {
            let own = name.0.last().and_then(|part| Some(part.as_ident()?.value.clone()));
            let table = if args.is_none() { table(name, queries) } else { None };
            items.push(Item { name: called(alias).or(own).unwrap_or_default(), table });
        }
        TableFactor::NestedJoin { table_with_joins, alias: None } => {
            add_from(items, table_with_joins, queries);
        }
        TableFactor::Derived { alias, .. }
        | TableFactor::TableFunction { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::NestedJoin { alias, .. } => {
            items.push(Item { name: called(alias).unwrap_or_default(), table: None });
        }
        _ => items.push(Item { name: String::new(), table: None }),
    }
}
