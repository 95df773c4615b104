//! Why a store could not do what it was asked, in words that say what to do about it.

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or failed.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A file could not be read or written.
    #[error("{what}: {source}")]
    File {
        /// What was being done.
        what: String,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// The schema is newer than this program.
    #[error(
        "this database was written by a newer version of the program (schema {found}, this one knows up to {known}): \
         use that version, or restore a backup made by this one"
    )]
    NewerSchema {
        /// The schema found.
        found: i64,
        /// The newest one known.
        known: i64,
    },
    /// Another process has the journal open.
    #[error("{what} is in use by another process: one journal, one process")]
    InUse {
        /// Which data directory, or which database and node.
        what: String,
    },
    /// Another process took the lead of this journal since.
    #[error("{at}: another process took the lead")]
    Superseded {
        /// Which database, without its password.
        at: String,
    },
    /// The database cannot be used as it is.
    #[error("{at}: {why}; {remedy}")]
    Unusable {
        /// Which database, without its password.
        at: String,
        /// What is wrong.
        why: String,
        /// What to do.
        remedy: String,
    },
    /// The database would not keep what it says it keeps.
    #[error("{setting} is {found:?}, needed {needed:?}: commits would not be durable")]
    Weaker {
        /// The setting of the database, by its own name.
        setting: &'static str,
        /// What was read back.
        found: String,
        /// What it has to be.
        needed: &'static str,
    },
    /// What is stored contradicts itself.
    #[error("{what}: {detail}")]
    Corrupt {
        /// What is wrong, as a sentence.
        what: &'static str,
        /// Where and how.
        detail: String,
    },
    /// What was asked cannot be done with what is there.
    #[error("{0}")]
    Impossible(String),
}

impl StoreError {
    /// What is answered between a failed commit and the next opening.
    pub(crate) fn closed() -> Self {
        Self::Impossible("the database is closed until it is opened again".into())
    }

    /// The answer to a request for a copy of a database server's data.
    pub(crate) fn copied_by_its_tools(at: String) -> Self {
        Self::Unusable {
            at,
            why: "a database is copied by its own tools".into(),
            remedy: "use pg_dump --format=custom, or pg_basebackup for the whole server (docs/postgis.md)"
                .into(),
        }
    }

    /// What is wrong, as a sentence, and where.
    pub fn corrupt(what: &'static str, detail: impl std::fmt::Display) -> Self {
        Self::Corrupt { what, detail: detail.to_string() }
    }

    /// Wraps a file error with what was being done.
    pub fn file(what: impl std::fmt::Display) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::File { what: what.to_string(), source }
    }
}
