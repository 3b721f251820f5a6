//! `stratum create-admin`: the first person of a tenant, or the operator.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use stratum_autopilot::audit::AuditAction;
use stratum_core::id::{TenantId, UserId};
use stratum_core::vocabulary::Role;
use uuid::Uuid;

use crate::audit;
use crate::auth::account::{self, NewAccount};
use crate::auth::{Passwords, check_new_password};
use crate::clock::Clock;
use crate::db::{Db, PoolSizes, Scope};
use crate::http::ApiError;
use crate::storage::Storage;
use crate::tenant::{self, NewTenant, Tier};

/// Whom to make.
#[derive(Debug, Args)]
pub struct CreateAdminArgs {
    /// The address to sign in with.
    #[arg(long)]
    pub email: String,
    /// The name.
    #[arg(long, default_value = "Administrator")]
    pub name: String,
    /// The password; read from standard input where neither this nor the variable is given.
    #[arg(long, env = "STRATUM_ADMIN_PASSWORD", hide_env_values = true)]
    pub password: Option<SecretString>,
    /// The company of the new tenant.
    #[arg(long, default_value = "My company", conflicts_with = "tenant")]
    pub company: String,
    /// An existing tenant, instead of a new one.
    #[arg(long, value_name = "UUID")]
    pub tenant: Option<Uuid>,
    /// Makes the operator of the server, who may look into every tenant.
    #[arg(long)]
    pub superadmin: bool,
}

/// Makes the account, and the tenant where none is named; gives the sentence to print.
///
/// # Errors
/// A weak password, an address that is taken, a tenant that is not there.
pub async fn create_admin(storage: &Storage, args: &CreateAdminArgs) -> anyhow::Result<String> {
    let password = match &args.password {
        Some(password) => password.expose_secret().to_owned(),
        None => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("the password cannot be read")?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
    };
    if !args.email.contains('@') {
        bail!("{:?} is no e-mail address", args.email);
    }
    check_new_password(&password, &args.email).map_err(|problem| anyhow::anyhow!("{}", problem.message))?;
    let password_hash = Passwords::new()?.hash(password).await?;

    let tenant = TenantId::from_uuid(args.tenant.unwrap_or_else(Uuid::now_v7));
    let new_tenant = args.tenant.is_none().then(|| NewTenant {
        name: args.company.clone(),
        slug: slug(&args.company, tenant),
        tier: Tier::Enterprise,
        currency: "USD".to_owned(),
        timezone: "UTC".to_owned(),
    });
    let role = if args.superadmin { Role::Superadmin } else { Role::Admin };
    let account = NewAccount {
        id: UserId::from_uuid(Uuid::now_v7()),
        email: args.email.clone(),
        full_name: args.name.clone(),
        role,
        password_hash,
        is_verified: true,
    };
    let db = Db::open(&storage.connections, PoolSizes::default(), Clock::default());
    let made = db
        .tenant_tx(&Scope::system(tenant), move |tx| {
            Box::pin(async move {
                match new_tenant {
                    Some(new) => tenant::create(tx, &new).await?,
                    None => {
                        let there: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM tenant)")
                            .fetch_one(&mut **tx)
                            .await?;
                        if !there {
                            return Err(ApiError::not_found("tenant"));
                        }
                    }
                }
                account::create(tx, &account).await?;
                let entry = audit::entry(tx, AuditAction::Create, "user").resource_id(account.id);
                audit::append(tx, entry).await
            })
        })
        .await;
    db.close().await;
    made?;
    Ok(format!("{role} {} can sign in; tenant {tenant}", args.email))
}

/// The company's name as it may stand in an address, with a piece of the id that makes it unique.
fn slug(name: &str, tenant: TenantId) -> String {
    let mut slug: String = name
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' })
        .collect();
    while slug.contains("--") {
        slug = slug.replace("--", "-");
    }
    let id = tenant.as_uuid().simple().to_string();
    let tail: String = id.chars().skip(24).collect();
    format!("{}-{tail}", slug.trim_matches('-')).trim_start_matches('-').to_owned()
}
