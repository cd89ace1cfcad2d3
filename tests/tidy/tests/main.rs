//! The rules of [`activemirror_tidy`]: this workspace keeps them, and a made-up one that does not
//! is found out.

mod made_up;
mod this_workspace;
