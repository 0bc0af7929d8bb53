#![doc = "tour"]
pub mod batch { pub mod event; }
pub mod h5;
pub mod codec;
pub mod model;
