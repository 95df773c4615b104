//! Who is found, who is proposed and why, on a small steppe made here.
#![expect(clippy::unwrap_used, reason = "a steppe that cannot be made fails its test")]

mod areas;
mod duplicates;
mod examined;
mod gathered;
mod positions;
mod proposed;
mod run_cards;
mod steppe;
