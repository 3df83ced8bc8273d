//! All certificates together: set going here, asked about by the rest.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::task::AbortHandle;

use super::acme::{Name, Supervisor};
use super::files::Files;
use super::{Local, Resolver, TlsError};
use crate::config;
use crate::pure::lan::Names;
use crate::pure::wire::Millis;

/// Sees to the certificates for as long as one clone of it is held.
#[derive(Debug, Clone, Default)]
pub struct Certificates {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    names: Vec<Arc<Name>>,
    /// Names for which nothing is obtained.
    others: Vec<String>,
    files: Option<Arc<Files>>,
    /// What is made here, and where it serves.
    own: Option<(Arc<Local>, Arc<Resolver>)>,
    tasks: Vec<AbortHandle>,
}

/// How it stands with one certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// What it is for: a name, or the file it is in.
    pub name: String,
    pub source: Source,
    /// Its last moment; absent while this server's own serves.
    pub until: Option<Millis>,
    /// Why there is no newer one, and when the next attempt is.
    pub trouble: Option<String>,
    pub next_try: Option<Millis>,
}

/// Where a certificate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// From an authority, by ACME.
    Acme,
    /// From files that somebody else looks after.
    File,
    /// Made here.
    Own,
}

impl Certificates {
    /// Reads what there is in this directory and sets going what obtains the rest;
    /// `own` serves where there is nothing better. `domains` are this server's names.
    pub fn start(
        config: &config::Certificates,
        domains: &[String],
        directory: &Path,
        own: Local,
    ) -> Result<(Self, Arc<Resolver>), TlsError> {
        let files = config.files.as_ref().map(Files::open).transpose()?.map(Arc::new);
        let acme = config.acme.as_ref().map(|acme| Supervisor::new(acme, directory)).transpose()?;
        let names = acme.as_ref().map(Supervisor::names).unwrap_or_default();
        let common = files.as_ref().map_or_else(|| own.key(), |files| files.key());
        let resolver = Resolver::with_names(common, names.clone());
        let mut tasks = Vec::new();
        if let Some(files) = &files {
            let watch = Arc::clone(files).watch(Arc::clone(&resolver));
            tasks.push(tokio::spawn(watch).abort_handle());
        }
        if let Some(acme) = acme.map(Arc::new) {
            let see_to = |name: &Arc<Name>| Arc::clone(&acme).run(Arc::clone(name));
            tasks.extend(names.iter().map(|name| tokio::spawn(see_to(name)).abort_handle()));
        }
        let has_none = |name: &&String| !names.iter().any(|own| own.name == **name);
        let others = match files {
            Some(_) => Vec::new(),
            None => domains.iter().filter(has_none).cloned().collect(),
        };
        let own = Some((Arc::new(own), Arc::clone(&resolver)));
        Ok((Self { shared: Arc::new(Shared { names, others, files, own, tasks }) }, resolver))
    }

    /// What is made here serves wherever nothing else does.
    pub fn local(&self) -> Option<&Local> {
        self.shared.own.as_ref().map(|(local, _)| &**local)
    }

    /// Whether this name has a certificate of another make, or is to have one.
    pub fn is_elsewhere(&self, name: &str) -> bool {
        self.shared.files.is_some() || self.shared.names.iter().any(|own| own.name == name)
    }

    /// This computer has these names now: renews what is made here if it has to be. Open
    /// connections stay. Says whether there is another certificate.
    pub fn renew(&self, names: &Names, now: Millis) -> Result<bool, TlsError> {
        let Some((local, _)) = &self.shared.own else { return Ok(false) };
        let another = local.renew(names, now)?;
        if another {
            tracing::info!(names = names.texts().join(", "), "the certificate is a new one");
            self.serve_own();
        }
        Ok(another)
    }

    /// Takes a new authority, and a certificate by it.
    pub fn rotate(&self, now: Millis) -> Result<(), TlsError> {
        if let Some((local, _)) = &self.shared.own {
            local.rotate(now)?;
            tracing::warn!("the authority is a new one: people have to trust it anew");
            self.serve_own();
        }
        Ok(())
    }

    fn serve_own(&self) {
        if let (Some((local, resolver)), None) = (&self.shared.own, &self.shared.files) {
            resolver.replace(local.key());
        }
    }

    /// What an ACME server that asks for this token is to find (RFC 8555 section 8.3).
    pub fn http_01(&self, token: &str) -> Option<String> {
        self.shared.names.iter().find_map(|name| name.proof()?.http_01(token))
    }

    /// Looks at the files now, instead of soon.
    pub fn reload(&self) {
        if let Some(files) = &self.shared.files {
            files.hint();
        }
    }

    /// How it stands with each.
    pub fn report(&self) -> Vec<Report> {
        let file = self.shared.files.iter().map(|files| Report {
            name: files.path().display().to_string(),
            source: Source::File,
            until: Some(files.until()),
            trouble: files.trouble(),
            next_try: None,
        });
        let obtained = self.shared.names.iter().map(|name| {
            let (until, trouble) = (name.until(), name.trouble());
            Report {
                name: name.name.clone(),
                source: Source::Acme,
                until,
                next_try: trouble.as_ref().map(|trouble| trouble.next_try),
                trouble: trouble.map(|trouble| trouble.reason),
            }
        });
        let until = self.local().map(|local| local.report().leaf_until);
        let own = self.shared.others.iter().map(|name| Report {
            name: name.clone(),
            source: Source::Own,
            until,
            trouble: None,
            next_try: None,
        });
        file.chain(obtained).chain(own).collect()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
