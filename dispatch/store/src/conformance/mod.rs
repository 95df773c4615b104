//! What every store has to keep, as checks a store's own tests run. Each takes a fresh store whose journal holds its
//! first row, and drives it with batches that the core itself decided.

pub mod cluster;
pub mod damage;
mod deliveries;
mod journal;
pub mod loss;
mod model;
pub mod small_centre;
pub mod tracks;
mod words;

use std::future::Future;

pub use journal::{commit, lived_in, passes_another_format_over};

use crate::store::Store;

/// Makes fresh stores.
pub trait Bench {
    /// What it makes.
    type Made: Store;

    /// A store whose journal holds its first row and nothing else.
    fn fresh(&self) -> impl Future<Output = Self::Made>;
}

/// Runs every check, each on a store of its own. Panics where one does not hold.
pub async fn all<B: Bench>(bench: &B) {
    journal::continues_the_head(&bench.fresh().await).await;
    journal::takes_a_batch_whole_or_not_at_all(&bench.fresh().await).await;
    journal::keeps_the_last_answer_to_a_command(&bench.fresh().await).await;
    journal::opens_with_answers_until_they_are_purged(&bench.fresh().await).await;
    journal::keeps_refusals_without_records(&bench.fresh().await).await;
    journal::opens_with_what_was_decided(&bench.fresh().await).await;
    journal::opens_from_a_snapshot_and_its_tail(&bench.fresh().await).await;
    journal::tells_commits_apart(&bench.fresh().await).await;
    journal::keeps_things_as_long_after_a_correction(&bench.fresh().await).await;
    journal::puts_answers_under_a_key_once(&bench.fresh().await).await;
    journal::forgets_old_answers(&bench.fresh().await).await;
    journal::keeps_the_region_with_its_adoption(&bench.fresh().await).await;
    model::pages_show_every_row_once(&bench.fresh().await).await;
    model::filters_keep_what_they_say(&bench.fresh().await).await;
    model::a_timeline_holds_alarm_orders_and_incident(&bench.fresh().await).await;
    model::what_left_state_is_kept(&bench.fresh().await).await;
    words::a_reading_leaves_its_mark(&bench.fresh().await).await;
    words::erased_words_keep_their_digest_only(&bench.fresh().await).await;
    deliveries::a_sink_stands_where_it_was_left(&bench.fresh().await).await;
    deliveries::a_cursor_neither_goes_back_nor_leads(&bench.fresh().await).await;
    deliveries::what_was_delivered_is_forgotten_in_time(&bench.fresh().await).await;
}
