//! What `SQLite` says, in one line that names what is wrong and what to do.

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

/// Primary result codes of `SQLite` (<https://www.sqlite.org/rescode.html>) we know a remedy for.
const READONLY: i32 = 8;
const IOERR: i32 = 10;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;

/// The primary code of an error.
fn primary(error: &sqlx::Error) -> Option<i32> {
    let said = error.as_database_error()?.try_downcast_ref::<SqliteError>()?;
    // The extended code holds it in its lowest byte.
    said.code()?.parse::<i32>().ok().map(|code| code & 0xff)
}

/// Whether the file, or the disk under it, is damaged.
pub(crate) fn tells_of_damage(error: &sqlx::Error) -> bool {
    let lacks_table = |error: &dyn DatabaseError| error.message().starts_with("no such table");
    matches!(primary(error), Some(IOERR | CORRUPT | CANTOPEN | NOTADB))
        || error.as_database_error().is_some_and(lacks_table)
}

/// Whether the file, or its folder, may not be opened or written, as far as that can be told from a damaged one.
pub(crate) fn tells_of_rights(error: &sqlx::Error) -> bool {
    matches!(primary(error), Some(READONLY | CANTOPEN))
}

/// The error with its remedy, where we know one.
pub(super) fn named(error: &sqlx::Error) -> String {
    let remedy = match primary(error) {
        Some(FULL) => {
            "the disk is full: make room on the data directory's disk; nothing acknowledged is lost"
        }
        Some(READONLY) => "the data directory may not be written: give it to the user this runs as",
        Some(CORRUPT) => {
            "the file is damaged: keep it, and bring it back with `ortoo recover MIRROR` or `ortoo restore BACKUP`"
        }
        _ => return error.to_string(),
    };
    format!("{remedy} ({error})")
}
