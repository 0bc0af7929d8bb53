//! Whose ledgers are used.

use crate::files::LedgerTrust;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct TrustOptions {
    /// Use a ledger that another user owns or can write to
    #[arg(long)]
    trust_ledger: bool,
}

impl TrustOptions {
    pub(crate) fn trust(&self) -> LedgerTrust {
        match self.trust_ledger {
            true => LedgerTrust::Given,
            false => LedgerTrust::Checked,
        }
    }
}
