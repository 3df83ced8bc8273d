//! The second engine, instant-acme, for what the first cannot do: addresses in place of names
//! (RFC 8738), in the profile of short lives where there is one, and accounts bound to one that the
//! operator has elsewhere (RFC 8555 section 7.3.4). Like the first it does one order at a time and
//! leaves limits of time to its supervisor.

use std::net::IpAddr;
use std::sync::Arc;

use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Error, ExternalAccountKey,
    Identifier, KeyAuthorization, NewAccount, NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, KeyPair};
use rustls::ClientConfig;
use rustls::crypto::ring::sign::any_ecdsa_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;

use super::client::Client;
use super::fault::{Fault, Kind};
use super::folder::Folder;
use super::name::Name;
use super::proof::Proof;
use crate::config::{self, AcmeChallenge};
use crate::tls::{TlsError, chain};

/// Orders from one ACME server.
pub(super) struct Instant {
    client: Client,
}

impl Instant {
    pub(super) fn new(client: Arc<ClientConfig>) -> Self {
        Self { client: Client::new(client) }
    }

    /// One order; what comes of it is the key and the chain, as PEM.
    pub(super) async fn order(
        &self,
        config: &config::Acme,
        folder: &Folder,
        name: &Name,
    ) -> Result<Vec<u8>, Fault> {
        let account = self.account(config, folder).await?;
        let identifiers = [match name.name.parse::<IpAddr>() {
            Ok(ip) => Identifier::Ip(ip),
            Err(_) => Identifier::Dns(name.name.clone()),
        }];
        let mut wanted = NewOrder::new(&identifiers);
        let is_address = matches!(identifiers[0], Identifier::Ip(_));
        if is_address && account.profiles().any(|profile| profile.name == SHORT) {
            wanted = wanted.profile(SHORT);
        }
        let mut order = match account.new_order(&wanted).await {
            Ok(order) => order,
            Err(error) => {
                if is_of_type(&error, "accountDoesNotExist") {
                    folder.forget(&account_file(config)).map_err(unkept)?;
                }
                return Err(fault(error));
            }
        };
        prove(&mut order, config, name).await?;
        let policy = RetryPolicy::new().timeout(config.limit);
        match order.poll_ready(&policy).await {
            Ok(OrderStatus::Ready) => {}
            Ok(_) => return Err(reason(&mut order).await),
            Err(error) => return Err(fault(error)),
        }
        let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256).map_err(unmade)?;
        let mut params = CertificateParams::new([name.name.clone()]).map_err(unmade)?;
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&key).map_err(unmade)?;
        order.finalize_csr(request.der()).await.map_err(fault)?;
        let chain = order.poll_certificate(&policy).await.map_err(fault)?;
        Ok((key.serialize_pem() + &chain).into_bytes())
    }

    /// The account of an earlier run, or a new one.
    async fn account(&self, config: &config::Acme, folder: &Folder) -> Result<Account, Fault> {
        let file = account_file(config);
        let builder = Account::builder_with_http(Box::new(self.client.clone()));
        let kept = folder.read_file(&file).map_err(unkept)?;
        if let Some(credentials) = kept.and_then(|kept| serde_json::from_slice(&kept).ok()) {
            return builder.from_credentials(credentials).await.map_err(fault);
        }
        let contact: Vec<_> = config.contact.iter().map(String::as_str).collect();
        let new = NewAccount {
            contact: &contact,
            terms_of_service_agreed: true,
            only_return_existing: false,
        };
        let bound = config.binding.as_ref();
        let bound = bound.map(|binding| ExternalAccountKey::new(binding.id.clone(), &binding.key));
        let created = builder.create(&new, config.directory.clone(), bound.as_ref()).await;
        let (account, credentials): (_, AccountCredentials) = created.map_err(fault)?;
        let credentials = serde_json::to_vec(&credentials).expect("texts are JSON");
        folder.write_file(&file, &credentials).map_err(unkept)?;
        Ok(account)
    }
}

/// Says to the ACME server that it may look, and what it will find.
async fn prove(order: &mut Order, config: &config::Acme, name: &Name) -> Result<(), Fault> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(fault)?;
        match authorization.status {
            AuthorizationStatus::Pending => {}
            AuthorizationStatus::Valid => continue,
            status => return Err(Fault::new(Kind::Refused, format!("the name is {status:?}"))),
        }
        let kind = match config.challenge {
            AcmeChallenge::TlsAlpn01 => ChallengeType::TlsAlpn01,
            AcmeChallenge::Http01 => ChallengeType::Http01,
        };
        let Some(mut challenge) = authorization.challenge(kind) else {
            return Err(Fault::new(Kind::Refused, "the ACME server offers no such challenge"));
        };
        let authorized = challenge.key_authorization();
        let proof = match config.challenge {
            AcmeChallenge::TlsAlpn01 => Proof::Tls(look(&name.name, &authorized).map_err(unkept)?),
            AcmeChallenge::Http01 => Proof::Http {
                token: challenge.token.clone(),
                authorization: authorized.as_str().to_owned(),
            },
        };
        name.set_proof(Some(proof));
        challenge.set_ready().await.map_err(fault)?;
    }
    Ok(())
}

/// The certificate that an ACME server looks for in a handshake.
fn look(name: &str, authorized: &KeyAuthorization) -> Result<Arc<CertifiedKey>, TlsError> {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new([name.to_owned()])?;
    let extension = CustomExtension::new_acme_identifier(authorized.digest().as_ref());
    params.custom_extensions = vec![extension];
    let certificate = params.self_signed(&key)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let chain = vec![certificate.der().clone()];
    // Not checked against each other: what is critical in it is for ACME servers alone.
    Ok(Arc::new(CertifiedKey::new(chain, any_ecdsa_type(&key)?)))
}

/// Why an order came to nothing: what was said of its proofs.
async fn reason(order: &mut Order) -> Fault {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if authorization.refresh().await.is_err() {
            break;
        }
        let said = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref());
        if let Some(detail) = said.and_then(|problem| problem.detail.clone()) {
            return Fault::new(Kind::Refused, detail);
        }
    }
    Fault::new(Kind::Refused, "the name was not proved")
}

/// One for each account elsewhere that it is bound to.
fn account_file(config: &config::Acme) -> String {
    match &config.binding {
        Some(binding) => format!("account-{}.json", Folder::short(&binding.id)),
        None => "account.json".to_owned(),
    }
}

fn is_of_type(error: &Error, kind: &str) -> bool {
    let Error::Api(problem) = error else { return false };
    problem.r#type.as_ref().is_some_and(|said| said.ends_with(kind))
}

fn fault(error: Error) -> Fault {
    match error {
        Error::Api(problem) => {
            let kind = Kind::of(problem.r#type.as_deref().unwrap_or_default(), problem.status);
            let reason = problem.detail.or(problem.r#type).unwrap_or_default();
            Fault::new(kind, reason)
        }
        error => {
            let error: &dyn std::error::Error = &error;
            let causes = std::iter::successors(Some(error), |error| error.source());
            let innermost = causes.last().map(ToString::to_string);
            Fault::new(Kind::Network, innermost.unwrap_or_default())
        }
    }
}

/// Our own files or keys, which may be right again later.
fn unkept(error: TlsError) -> Fault {
    Fault::new(Kind::Network, chain(&error))
}

fn unmade(error: rcgen::Error) -> Fault {
    Fault::new(Kind::Refused, error.to_string())
}

/// Of Let's Encrypt, the only one with addresses.
const SHORT: &str = "shortlived";
