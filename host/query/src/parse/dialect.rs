//! SQLite's syntax, with what its description in the parser leaves out: `NOT GLOB`, and common
//! table expressions that say whether they are materialised.

use core::any::TypeId;

use sqlparser::ast::{BinaryOperator, DataType, Expr, Statement, UnaryOperator};
use sqlparser::dialect::{BindPlaceholderStyle, Dialect, Precedence, SQLiteDialect};
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};

const SQLITE: SQLiteDialect = SQLiteDialect {};

/// SQLite's syntax.
#[derive(Debug)]
pub(crate) struct Sqlite;

/// What is as the parser's description has it.
macro_rules! as_sqlite {
    ($($name:ident),+ $(,)?) => { $(fn $name(&self) -> bool { SQLITE.$name() })+ };
}

impl Dialect for Sqlite {
    as_sqlite!(
        supports_filter_during_aggregation,
        supports_start_transaction_modifier,
        supports_in_empty_list,
        supports_limit_comma,
        supports_asc_desc_in_column_definition,
        supports_dollar_placeholder,
        supports_notnull_operator,
        supports_is_operator,
        supports_comma_separated_trim,
        supports_numeric_literal_underscores,
        supports_double_eq_assignment,
        supports_string_literal_column_names,
        supports_cast_empty_data_type_to_unspecified,
        supports_national_string_literal,
        supports_parens_around_table_factor,
        supports_unterminated_block_comments,
        supports_over_keyword_as_column_alias,
        supports_indexed_by,
        supports_comma_join_constraint,
        supports_aggregate_order_by_with_empty_args,
        supports_bitwise_shift_operators,
        supports_in_table_expression,
    );

    fn dialect(&self) -> TypeId {
        SQLITE.dialect()
    }

    fn supports_cte_materialization(&self) -> bool {
        true
    }

    fn is_delimited_identifier_start(&self, character: char) -> bool {
        SQLITE.is_delimited_identifier_start(character)
    }

    fn identifier_quote_style(&self, identifier: &str) -> Option<char> {
        SQLITE.identifier_quote_style(identifier)
    }

    fn ordered_bind_placeholder_style(&self) -> Option<BindPlaceholderStyle> {
        SQLITE.ordered_bind_placeholder_style()
    }

    fn is_identifier_start(&self, character: char) -> bool {
        SQLITE.is_identifier_start(character)
    }

    fn is_identifier_part(&self, character: char) -> bool {
        SQLITE.is_identifier_part(character)
    }

    fn parse_statement(&self, parser: &mut Parser<'_>) -> Option<Result<Statement, ParserError>> {
        SQLITE.parse_statement(parser)
    }

    fn parse_data_type(&self, parser: &mut Parser<'_>) -> Option<Result<DataType, ParserError>> {
        SQLITE.parse_data_type(parser)
    }

    fn parse_infix(
        &self,
        parser: &mut Parser<'_>,
        left: &Expr,
        precedence: u8,
    ) -> Option<Result<Expr, ParserError>> {
        for (keyword, op) in [
            (Keyword::GLOB, BinaryOperator::Glob),
            (Keyword::REGEXP, BinaryOperator::Regexp),
            (Keyword::MATCH, BinaryOperator::Match),
        ] {
            if parser.parse_keywords(&[Keyword::NOT, keyword]) {
                return Some(parser.parse_subexpr(precedence).map(|right| unlike(left, op, right)));
            }
        }
        SQLITE.parse_infix(parser, left, precedence)
    }

    fn get_next_precedence(&self, parser: &Parser<'_>) -> Option<Result<u8, ParserError>> {
        SQLITE.get_next_precedence(parser)
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        SQLITE.prec_value(precedence)
    }

    fn between_low_bound_precedence(&self) -> u8 {
        SQLITE.between_low_bound_precedence()
    }

    fn is_column_alias(&self, keyword: &Keyword, parser: &mut Parser<'_>) -> bool {
        SQLITE.is_column_alias(keyword, parser)
    }

    fn is_table_alias(&self, keyword: &Keyword, parser: &mut Parser<'_>) -> bool {
        SQLITE.is_table_alias(keyword, parser)
    }

    fn is_table_factor(&self, keyword: &Keyword, parser: &mut Parser<'_>) -> bool {
        SQLITE.is_table_factor(keyword, parser)
    }
}

/// `(NOT left op right)`.
fn unlike(left: &Expr, op: BinaryOperator, right: Expr) -> Expr {
    let like = Expr::BinaryOp { left: Box::new(left.clone()), op, right: Box::new(right) };
    Expr::Nested(Box::new(Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(like) }))
}
