//! Words 言语: what a person said or typed lies apart from journal and state, which hold ids only (D12). Here stands what
//! the journal says of them: that text and salt are gone.

mod apply;
pub mod command;
pub(crate) mod decide;
pub mod event;
