//! The thin driver of the writer: it feeds inputs in order, carries outputs out, and waits for the store. It decides
//! nothing (D3), and knows neither who sent an input nor how an answer is written.

mod run;

pub use self::run::{Driver, Parts};
