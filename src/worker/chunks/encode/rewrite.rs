//! Chunks of a new file: encoded by all threads, passed on in order.

use crate::model::digest::Sum;
use crate::worker::chunks::encode::encoded_chunk::{Slot, lay_out};
use crate::worker::chunks::geometry::Geometry;
use crate::worker::chunks::rows::{Hashed, RowSums};
use crate::worker::chunks::scan::{Broken, Pass};
use crate::worker::chunks::spare_buffers::Spare;
use crate::worker::chunks::window::Window;
use crate::worker::error::Result;

/// Lets `make` fill the chunks of each window and hash its rows, and passes them in order to `write`; the
/// result of `begin`, which runs meanwhile, and the nodes of the digest. `geometry` has the grid of the new
/// chunks.
pub(crate) fn rewrite<C>(
    pass: &Pass<'_>,
    geometry: Geometry,
    make: impl Fn(&Window, &mut [Vec<u8>], &mut [Slot]) -> std::result::Result<Hashed, Broken> + Sync,
    begin: impl FnOnce() -> Result<C>,
    mut write: impl FnMut(&C, &[Slot]) -> Result<()>,
    mut advance: impl FnMut(u64),
) -> Result<(C, Vec<Sum>)> {
    let spare = Spare::default();
    let mut sums = RowSums::new(geometry);
    let begun = pass.run(
        |window, values| {
            let mut slots = spare.take();
            lay_out(&mut slots, geometry.tiles(&window.rows, &window.columns));
            let hashed = make(window, values, &mut slots)?;
            Ok((slots, hashed))
        },
        || Ok(begin()?),
        |begun, window, (slots, hashed)| {
            write(begun, &slots)?;
            spare.give_back(slots);
            sums.take(window, hashed);
            advance(window.elements() * geometry.item as u64);
            Ok(())
        },
    )?;
    Ok((begun, sums.finish(geometry.rows)))
}
