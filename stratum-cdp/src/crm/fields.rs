//! Where each provider keeps what we read.

use stratum_core::enumeration;

enumeration! {
    /// A customer relationship management system.
    pub enum CrmProvider "CRM provider" {
        /// HubSpot.
        Hubspot = "HUBSPOT",
        /// Salesforce.
        Salesforce = "SALESFORCE",
        /// Zoho CRM.
        Zoho = "ZOHO",
    }
}

enumeration! {
    /// What a record is.
    pub enum CrmObject "CRM object" {
        /// A person.
        Contact = "CONTACT",
        /// A person whom sales has not taken yet: a lead of Salesforce or Zoho. Read as a contact.
        Lead = "LEAD",
        /// A sale that may come: a deal, or an opportunity of Salesforce.
        Deal = "DEAL",
    }
}

enumeration! {
    /// What is read of a contact.
    pub enum ContactField "contact field" {
        /// The e-mail address.
        Email = "email",
        /// The phone number.
        Phone = "phone",
        /// The given name.
        FirstName = "first_name",
        /// The family name.
        LastName = "last_name",
        /// The name of the company.
        Company = "company",
        /// The company's domain.
        CompanyDomain = "company_domain",
        /// Where the contact stands, in the provider's words.
        Stage = "stage",
        /// The id of who looks after the contact.
        Owner = "owner",
        /// The tenant's own id of the person.
        ExternalId = "external_id",
        /// The analytics client id.
        ClientId = "client_id",
        /// When the record was made.
        CreatedAt = "created_at",
        /// When it was last changed.
        UpdatedAt = "updated_at",
        /// Google's click id.
        Gclid = "gclid",
        /// Meta's click id.
        Fbclid = "fbclid",
        /// TikTok's click id.
        Ttclid = "ttclid",
        /// Snapchat's click id.
        Sclid = "sclid",
        /// The campaign's source.
        UtmSource = "utm_source",
        /// The campaign's medium.
        UtmMedium = "utm_medium",
        /// The campaign.
        UtmCampaign = "utm_campaign",
        /// The campaign's term.
        UtmTerm = "utm_term",
        /// The campaign's content.
        UtmContent = "utm_content",
        /// When we last wrote to the record.
        LastSync = "last_sync",
    }
}

enumeration! {
    /// What is read of a deal.
    pub enum DealField "deal field" {
        /// What the deal is called.
        Name = "name",
        /// The pipeline's id or name.
        Pipeline = "pipeline",
        /// Where the deal stands, in the provider's words.
        Stage = "stage",
        /// What it is worth, in major units.
        Amount = "amount",
        /// The currency of that.
        Currency = "currency",
        /// When it closed, or is to close.
        ClosedAt = "closed_at",
        /// Whose deal it is.
        Contacts = "contacts",
        /// The id of who looks after the deal.
        Owner = "owner",
        /// When the record was made.
        CreatedAt = "created_at",
        /// When it was last changed.
        UpdatedAt = "updated_at",
        /// When we last wrote to the record.
        LastSync = "last_sync",
    }
}

/// Where a contact's field stands, by dotted paths; the first that holds something counts.
pub(super) const fn of_contact(provider: CrmProvider, field: ContactField) -> &'static [&'static str] {
    match provider {
        CrmProvider::Hubspot => hubspot_contact(field),
        CrmProvider::Salesforce => salesforce_contact(field),
        CrmProvider::Zoho => zoho_contact(field),
    }
}

/// Where a deal's field stands.
pub(super) const fn of_deal(provider: CrmProvider, field: DealField) -> &'static [&'static str] {
    match provider {
        CrmProvider::Hubspot => hubspot_deal(field),
        CrmProvider::Salesforce => salesforce_deal(field),
        CrmProvider::Zoho => zoho_deal(field),
    }
}

// HubSpot, CRM API v3: everything under `properties`, by internal names.
const fn hubspot_contact(field: ContactField) -> &'static [&'static str] {
    match field {
        ContactField::Email => &["properties.email"],
        ContactField::Phone => &["properties.phone", "properties.mobilephone"],
        ContactField::FirstName => &["properties.firstname"],
        ContactField::LastName => &["properties.lastname"],
        ContactField::Company => &["properties.company"],
        ContactField::CompanyDomain => &["properties.hs_email_domain", "properties.website"],
        ContactField::Stage => &["properties.lifecyclestage"],
        ContactField::Owner => &["properties.hubspot_owner_id"],
        ContactField::ExternalId => &["properties.external_id"],
        ContactField::ClientId => &["properties.ga_client_id"],
        ContactField::CreatedAt => &["createdAt", "properties.createdate"],
        ContactField::UpdatedAt => {
            &["updatedAt", "properties.lastmodifieddate", "properties.hs_lastmodifieddate"]
        }
        ContactField::Gclid => &["properties.gclid", "properties.hs_google_click_id"],
        ContactField::Fbclid => &["properties.fbclid", "properties.hs_facebook_click_id"],
        ContactField::Ttclid => &["properties.ttclid"],
        ContactField::Sclid => &["properties.sclid"],
        ContactField::UtmSource => &["properties.utm_source"],
        ContactField::UtmMedium => &["properties.utm_medium"],
        ContactField::UtmCampaign => &["properties.utm_campaign"],
        ContactField::UtmTerm => &["properties.utm_term"],
        ContactField::UtmContent => &["properties.utm_content"],
        ContactField::LastSync => &["properties.stratum_last_sync"],
    }
}

const fn hubspot_deal(field: DealField) -> &'static [&'static str] {
    match field {
        DealField::Name => &["properties.dealname"],
        DealField::Pipeline => &["properties.pipeline"],
        DealField::Stage => &["properties.dealstage"],
        DealField::Amount => &["properties.amount"],
        DealField::Currency => &["properties.deal_currency_code"],
        DealField::ClosedAt => &["properties.closedate"],
        DealField::Contacts => &["associations.contacts.results"],
        DealField::Owner => &["properties.hubspot_owner_id"],
        DealField::CreatedAt => &["createdAt", "properties.createdate"],
        DealField::UpdatedAt => {
            &["updatedAt", "properties.hs_lastmodifieddate", "properties.lastmodifieddate"]
        }
        DealField::LastSync => &["properties.stratum_last_sync"],
    }
}

// Salesforce, sObjects Contact, Lead and Opportunity. Fields of the customer's own end in `__c`.
const fn salesforce_contact(field: ContactField) -> &'static [&'static str] {
    match field {
        ContactField::Email => &["Email"],
        ContactField::Phone => &["Phone", "MobilePhone"],
        ContactField::FirstName => &["FirstName"],
        ContactField::LastName => &["LastName"],
        ContactField::Company => &["Account.Name", "Company"],
        ContactField::CompanyDomain => &["Account.Website", "Website"],
        ContactField::Stage => &["Status"],
        ContactField::Owner => &["OwnerId"],
        ContactField::ExternalId => &["External_Id__c"],
        ContactField::ClientId => &["GA_Client_Id__c"],
        ContactField::CreatedAt => &["CreatedDate"],
        ContactField::UpdatedAt => &["SystemModstamp", "LastModifiedDate"],
        ContactField::Gclid => &["GCLID__c"],
        ContactField::Fbclid => &["FBCLID__c"],
        ContactField::Ttclid => &["TTCLID__c"],
        ContactField::Sclid => &["SCLID__c"],
        ContactField::UtmSource => &["UTM_Source__c"],
        ContactField::UtmMedium => &["UTM_Medium__c"],
        ContactField::UtmCampaign => &["UTM_Campaign__c"],
        ContactField::UtmTerm => &["UTM_Term__c"],
        ContactField::UtmContent => &["UTM_Content__c"],
        ContactField::LastSync => &["stratum_last_sync__c"],
    }
}

const fn salesforce_deal(field: DealField) -> &'static [&'static str] {
    match field {
        DealField::Name => &["Name"],
        DealField::Pipeline => &["RecordType.DeveloperName", "RecordTypeId"],
        DealField::Stage => &["StageName"],
        DealField::Amount => &["Amount"],
        DealField::Currency => &["CurrencyIsoCode"],
        DealField::ClosedAt => &["CloseDate"],
        DealField::Contacts => &["OpportunityContactRoles.records", "ContactId"],
        DealField::Owner => &["OwnerId"],
        DealField::CreatedAt => &["CreatedDate"],
        DealField::UpdatedAt => &["SystemModstamp", "LastModifiedDate"],
        DealField::LastSync => &["stratum_last_sync__c"],
    }
}

// Zoho CRM, modules Contacts, Leads and Deals, by API names.
const fn zoho_contact(field: ContactField) -> &'static [&'static str] {
    match field {
        ContactField::Email => &["Email"],
        ContactField::Phone => &["Phone", "Mobile"],
        ContactField::FirstName => &["First_Name"],
        ContactField::LastName => &["Last_Name"],
        ContactField::Company => &["Account_Name.name", "Company"],
        ContactField::CompanyDomain => &["Website"],
        ContactField::Stage => &["Lead_Status"],
        ContactField::Owner => &["Owner.id"],
        ContactField::ExternalId => &["External_Id"],
        ContactField::ClientId => &["GA_Client_Id"],
        ContactField::CreatedAt => &["Created_Time"],
        ContactField::UpdatedAt => &["Modified_Time", "deleted_time"],
        ContactField::Gclid => &["GCLID", "$gclid"],
        ContactField::Fbclid => &["FBCLID"],
        ContactField::Ttclid => &["TTCLID"],
        ContactField::Sclid => &["SCLID"],
        ContactField::UtmSource => &["UTM_Source"],
        ContactField::UtmMedium => &["UTM_Medium"],
        ContactField::UtmCampaign => &["UTM_Campaign"],
        ContactField::UtmTerm => &["UTM_Term"],
        ContactField::UtmContent => &["UTM_Content"],
        ContactField::LastSync => &["stratum_last_sync"],
    }
}

const fn zoho_deal(field: DealField) -> &'static [&'static str] {
    match field {
        DealField::Name => &["Deal_Name"],
        DealField::Pipeline => &["Pipeline.name", "Pipeline"],
        DealField::Stage => &["Stage"],
        DealField::Amount => &["Amount"],
        DealField::Currency => &["Currency"],
        DealField::ClosedAt => &["Closing_Date"],
        DealField::Contacts => &["Contact_Name.id"],
        DealField::Owner => &["Owner.id"],
        DealField::CreatedAt => &["Created_Time"],
        DealField::UpdatedAt => &["Modified_Time", "deleted_time"],
        DealField::LastSync => &["stratum_last_sync"],
    }
}
