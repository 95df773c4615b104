//! A page of the read model as a statement.

use super::dialect::{Dialect, Statement};
use super::row::entity_columns;
use crate::journal::word;
use crate::query::{EntityQuery, prefix_end};
use crate::rows::prefix;

/// The rows of a query, newest first, and one more than its page holds, which tells whether there is another.
pub(super) fn selection<D: Dialect>(node: i32, query: &EntityQuery) -> Statement<D> {
    let mut sql = Statement::new(format!("select {} from entity where node = ", entity_columns::<D>()));
    sql.push_bind(node).push(" and kind = ").push_bind(query.kind.clone());
    if !query.area.0.is_empty() {
        let prefix = prefix(&query.area);
        let end = prefix_end(&prefix);
        sql.push(" and area >= ").push_bind(prefix).push(" and area < ").push_bind(end);
    }
    let modes: Vec<String> = query.modes.iter().map(word).collect();
    for (column, values) in [(" and state in (", &query.states), (" and mode in (", &modes)] {
        for (place, value) in values.iter().enumerate() {
            sql.push(if place == 0 { column } else { ", " }).push_bind(value.clone());
        }
        if !values.is_empty() {
            sql.push(")");
        }
    }
    let desk = query.desk.as_ref().map(ToString::to_string);
    for (column, value) in
        [(" and desk = ", &desk), (" and number = ", &query.number), (" and incident = ", &query.incident)]
    {
        if let Some(value) = value {
            sql.push(column).push_bind(value.clone());
        }
    }
    if let Some(alive) = query.alive {
        sql.push(" and alive = ").push_bind(alive);
    }
    if let Some(from) = query.from {
        sql.push(" and opened_at >= ").push_bind(from.0);
    }
    if let Some(until) = query.until {
        sql.push(" and opened_at < ").push_bind(until.0);
    }
    if let Some(after) = &query.after {
        sql.push(" and (opened_at, id) < (").push_bind(after.opened_at.0);
        sql.push(", ").push_bind(after.id.clone()).push(")");
    }
    sql.push(" order by opened_at desc, id desc limit ").push_bind(i64::from(query.limit_capped()) + 1);
    sql
}
