//! Queries as their authors meet them: what comes back, what is refused, and where it is wrong.

#[path = "query/columns.rs"]
mod columns;
#[path = "query/filters.rs"]
mod filters;
#[path = "query/limits.rs"]
mod limits;
#[path = "query/look_ups.rs"]
mod look_ups;
#[path = "query/meaning.rs"]
mod meaning;
#[path = "query/places.rs"]
mod places;
#[path = "query/refusals.rs"]
mod refusals;
#[path = "query/tiers.rs"]
mod tiers;
#[path = "query/world.rs"]
mod world;
