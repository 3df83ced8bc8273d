//! Scripts of inputs and the exact outputs, against a store that is a map.

mod calls;
mod control;
mod legs;
mod messages;
mod properties;
mod resume;
mod sessions;
mod shelf;
mod words;
mod world;
