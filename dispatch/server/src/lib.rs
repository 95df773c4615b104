//! The server: configuration in, a running node out. It opens HTTP and the stream, runs the writer beside its store and
//! wires the rooms together. The binary `ortoo` is a thin shell around [`cli`].
//!
//! | module | what it holds |
//! |---|---|
//! | [`config`], [`clock`], [`logs`] | what the node is told from outside |
//! | [`area_path`] | area paths as packages and clients write them |
//! | [`region`] | the region package: read, adopted, drawn |
//! | [`delivery`] | what leaves towards sinks, from the journal (D9) |
//! | [`driver`] | the writer's loop and the bounded lanes to it |
//! | [`publisher`], [`hub`] | what leaves by itself: commits, heartbeats, position frames |
//! | [`liveness`] | when alarm points were last heard, and those that fell silent |
//! | [`lead`], [`handed`] | what a leader hears of its database and of whoever stands by |
//! | [`fault`] | failures on request, in builds with the feature `planted` |
//! | [`http`] | routes, the guard before them, connections, the stream |
//! | `replay` | a call log played through writer and store, ours beside the log's |
//! | [`unrecorded`] | what was said with alarms the journal cannot take at present |
//! | [`upkeep`] | what is done every hour and beside the work |
//! | [`node`] | all of it as one value |
//!
//! **Absent on purpose**: decisions (the core's), the order of commits (the writer's), SQL (the store's).

pub mod area_path;
pub mod cli;
pub mod clock;
pub mod config;
pub mod delivery;
pub mod driver;
pub mod fault;
pub mod handed;
pub mod http;
pub mod hub;
pub mod lead;
pub mod liveness;
pub mod logs;
pub mod metrics;
pub mod node;
pub mod publisher;
pub mod region;
mod replay;
mod task;
pub mod unrecorded;
pub mod upkeep;
