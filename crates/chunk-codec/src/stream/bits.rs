//! Bits of a deflate stream (RFC 1951, 3.1.1): the first bit is the lowest of its byte.

/// Writes bits into a buffer that is long enough for all of them and 8 bytes more.
#[derive(Debug)]
pub(crate) struct Bits<'a> {
    out: &'a mut [u8],
    position: usize,
    waiting: u64,
    count: u32,
}

impl<'a> Bits<'a> {
    /// Starts at a byte of `out`.
    pub(crate) fn new(out: &'a mut [u8], position: usize) -> Self {
        Bits {
            out,
            position,
            waiting: 0,
            count: 0,
        }
    }

    /// Adds the lower `count` bits of `value`, whose other bits are 0. Up to 57 bits fit
    /// between two calls of [`Bits::flush`].
    #[inline(always)]
    pub(crate) fn add(&mut self, value: u64, count: u32) {
        self.waiting |= value << self.count;
        self.count += count;
    }

    /// Moves whole bytes to the buffer; fewer than 8 bits wait then.
    #[inline(always)]
    pub(crate) fn flush(&mut self) {
        self.out[self.position..self.position + 8].copy_from_slice(&self.waiting.to_le_bytes());
        self.position += (self.count / 8) as usize;
        // In two halves: all 64 at once would be too many for a shift.
        let half = (self.count & !7) / 2;
        self.waiting = self.waiting >> half >> half;
        self.count &= 7;
    }

    /// Lets `write` add many bits. What waits stays in registers meanwhile, which it does not where a reference
    /// to it came from elsewhere.
    #[inline(always)]
    pub(crate) fn many(&mut self, write: impl FnOnce(&mut Bits<'_>)) {
        let mut here = Bits {
            out: &mut *self.out,
            ..*self
        };
        write(&mut here);
        (self.position, self.waiting, self.count) = (here.position, here.waiting, here.count);
    }

    /// Fills the last byte with zeros; the number of bytes so far.
    pub(crate) fn align(&mut self) -> usize {
        self.flush();
        if self.count > 0 {
            self.position += 1;
            (self.waiting, self.count) = (0, 0);
        }
        self.position
    }

    /// Adds whole bytes; the bits before them are aligned.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.out[self.position..self.position + bytes.len()].copy_from_slice(bytes);
        self.position += bytes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_64_bits_may_wait() {
        let mut out = [0xAA; 32];
        let mut bits = Bits::new(&mut out, 0);
        bits.add(0x55, 7);
        bits.add((1 << 57) - 1, 57);
        bits.flush();
        bits.add(0b10, 2);
        assert_eq!(bits.align(), 9);
        let whole = 0x55 | ((1_u64 << 57) - 1) << 7;
        assert_eq!(out[..8], whole.to_le_bytes());
        assert_eq!(out[8], 0b10);
    }
}
