//! Other settings for a running server.
//!
//! Everything is checked before anything is taken over. Who is connected stays
//! connected; new requests, calls and connections meet the new settings.

use anyhow::Context;

use super::server::{Server, attempts};
use crate::config::{self, Changes, Config};
use crate::http::InForce;
use crate::store::Quotas;
use crate::telemetry::{self, Telemetry};

impl Server {
    /// Takes over what can change, certificates too, and says what did and what needs a restart.
    pub fn reload(&self, new: &Config, telemetry: &Telemetry) -> anyhow::Result<Changes> {
        let filter = &new.log.filter;
        telemetry::parse(filter)
            .with_context(|| format!("the setting log cannot be {filter:?}"))?;
        let old = self.state.config.get();
        let http = config::Http {
            domains: old.domains.clone(),
            strict: old.strict.clone(),
            ..new.http.clone()
        };
        // The network may be another one than at the start.
        self.lan.look(&self.state, &http).context("cannot get a certificate for HTTPS")?;
        // Files of one's own are looked at anew; until they are good, the old ones serve.
        self.state.certificates.reload();

        telemetry
            .set_filter(filter)
            .with_context(|| format!("the setting log cannot be {filter:?}"))?;
        self.state.auth.set_limits(attempts(http.logins_per_minute));
        self.state.config.set(http);
        self.state
            .files
            .set_quotas(Quotas { member: new.files.quota, guest: new.files.guest_quota });
        self.hub.set_ring(new.calls.ring);
        self.front.set_limits(&new.front);

        let in_force = &self.state.facts.settings;
        let old = in_force.get();
        let changes = config::changes(&old.settings, &new.settings);
        in_force.set(InForce {
            settings: config::reloaded(&old.settings, new.settings.clone()),
            after_restart: changes.restart.clone(),
        });
        Ok(changes)
    }
}
