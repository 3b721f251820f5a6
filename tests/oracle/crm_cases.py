"""Cases of crm.*: by crm.py, and for records of three providers what they were written to say."""

import random

import crm
from operations import case, refused

DAY = 86_400_000
START = crm.ms("2026-01-01T00:00:00Z")
NOTHING = {
    "CONTACT": {
        "email": None, "phone": None, "first_name": None, "last_name": None, "company": None, "company_domain": None, "lifecycle_stage": None,
        "stage": None, "owner": None, "external_id": None, "client_id": None, "click_ids": {}, "utm": {}, "archived": False, "created_at": None,
        "last_sync": None,
    },
    "DEAL": {
        "name": None, "pipeline": None, "deal_stage": None, "stage": "UNMAPPED", "amount_cents": None, "currency": None, "closed_at": None,
        "contact_ids": [], "owner": None, "archived": False, "created_at": None, "last_sync": None,
    },
}


def at(days):
    return crm.wire(START + int(days * DAY))


def said(provider, kind, identity, updated_at, **fields):
    return {"provider": provider, "id": identity, "updated_at": updated_at} | NOTHING[kind] | fields


def result(kind, record, outcome, warnings=()):
    found = {"object_type": kind, "id": record["id"], "outcome": outcome, "digest": crm.digest(record),
             "warnings": [{"path": path, "code": code, "message": message} for path, code, message in warnings], "problems": []}
    return found | {"contact" if kind == "CONTACT" else "deal": record}


def refusal(kind, *problems):
    return {"object_type": kind, "id": None, "outcome": "REFUSED", "digest": None, "warnings": [], "problems": list(problems)}


NO_ID = {"path": "/id", "code": "missing_field", "message": "a record has an id"}
NO_TIME = {"path": "/updated_at", "code": "missing_field",
           "message": "without the time of its last change a record cannot be told from an older state",
           "help": "ask the provider for it: updatedAt, SystemModstamp or Modified_Time"}
NO_OBJECT = {"path": "", "code": "wrong_type", "message": "a record is an object", "help": "give it as the provider's API answers it"}


def hubspot(identity, updated_at, more=None, **properties):
    return {"id": identity, "updatedAt": updated_at, "archived": False, "properties": properties} | (more or {})


def page(provider, records, known=(), **settings):
    request = {"provider": provider, "records": [{"object_type": kind, "record": record} for kind, record in records]}
    if known:
        request["known"] = [{"object_type": kind, "id": record["id"], "updated_at": record["updated_at"], "digest": crm.digest(record)}
                            for kind, record in known]
    if settings:
        request["settings"] = settings
    return request


def answer(results, unmapped=(), since=None):
    return {"results": results, "next_since": since,
            "unmapped": [{"object_type": kind, "pipeline": pipeline, "stage": stage, "records": n} for kind, pipeline, stage, n in unmapped]}


def earlier(text):
    return crm.wire(crm.ms(text) - 5 * 60_000)


def full_contacts():
    person = {"email": "lina@shop.test1", "phone": "+96550012345", "first_name": "Lina", "last_name": "محمد", "company": "Shop"}
    time = "2026-02-01T08:30:00.250Z"
    of_hubspot = hubspot(
        "501", "2026-02-01T08:30:00.250Z", {"createdAt": "2026-01-05T00:00:00Z"}, email=" Lina@Shop.test1 ", mobilephone="٠٠٩٦٥ ٥٠٠١-٢٣٤٥",
        firstname="Lina", lastname="محمد", company="Shop", website="https://www.Shop.test1/about?x=1", lifecyclestage="marketingqualifiedlead",
        hubspot_owner_id=77, external_id="U-1", hs_google_click_id="g1", hs_facebook_click_id="f1", ttclid="t1", sclid="s1",
        utm_source="google", utm_campaign="spring", stratum_last_sync="2026-01-31T00:00:00Z")
    of_salesforce = {
        "attributes": {"type": "Contact"}, "Id": "003A", "Email": "lina@shop.test1", "Phone": "+965 5001 2345", "FirstName": "Lina", "LastName": "محمد",
        "Account": {"Name": "Shop", "Website": "shop.test1"}, "OwnerId": "005B", "CreatedDate": "2026-01-05T03:00:00.000+0300",
        "SystemModstamp": "2026-02-01T08:30:00.250+0000", "GCLID__c": "g1", "IsDeleted": False}
    of_zoho = {
        "id": "48500001", "Email": "lina@shop.test1", "Mobile": "+96550012345", "First_Name": "Lina", "Last_Name": "محمد",
        "Account_Name": {"name": "Shop", "id": "4"}, "Owner": {"name": "Sam", "id": "9"}, "Created_Time": "2026-01-05T04:00:00+04:00",
        "Modified_Time": "2026-02-01T12:30:00.250+04:00", "UTM_Source": "tiktok"}
    created = "2026-01-05T00:00:00.000Z"
    expected = {
        "HUBSPOT": said("HUBSPOT", "CONTACT", "501", time, **person, company_domain="shop.test1", lifecycle_stage="marketingqualifiedlead", stage="MQL",
                        owner="77", external_id="U-1", click_ids={"gclid": "g1", "fbclid": "f1", "ttclid": "t1", "sclid": "s1"},
                        utm={"source": "google", "campaign": "spring"}, created_at=created) | {"last_sync": "2026-01-31T00:00:00.000Z"},
        "SALESFORCE": said("SALESFORCE", "CONTACT", "003A", time, **person, company_domain="shop.test1", owner="005B", click_ids={"gclid": "g1"},
                           created_at=created),
        "ZOHO": said("ZOHO", "CONTACT", "48500001", time, **person, owner="9", utm={"source": "tiktok"}, created_at=created),
    }
    for provider, record in (("HUBSPOT", of_hubspot), ("SALESFORCE", of_salesforce), ("ZOHO", of_zoho)):
        found = answer([result("CONTACT", expected[provider], "INSERT")], since=earlier(time))
        yield case(f"a contact of {provider.lower()}", page(provider, [("CONTACT", record)]), found)


def full_deals():
    time = "2026-02-01T08:30:00.000Z"
    of_hubspot = hubspot(
        "77", time, {"createdAt": "2026-01-05T00:00:00Z",
                     "associations": {"contacts": {"results": [{"id": "9", "type": "deal_to_contact"}, {"id": "5"}, {"id": "9"}]}}},
        dealname="Fleet", pipeline="default", dealstage="contractsent", amount="1200.505", deal_currency_code="EUR", closedate="1772323200000",
        hubspot_owner_id="3")
    of_salesforce = {
        "Id": "006A", "Name": "Fleet", "StageName": "Negotiation/Review", "Amount": 1200.505, "CurrencyIsoCode": "KWD", "CloseDate": "2026-03-01",
        "ContactId": "003A", "RecordTypeId": "012X", "OwnerId": "3", "CreatedDate": "2026-01-05T00:00:00.000+0000", "LastModifiedDate": time}
    of_zoho = {
        "id": "99", "Deal_Name": "Fleet", "Stage": "Closed Lost to Competition", "Pipeline": {"name": "Standard", "id": "1"}, "Amount": 1200,
        "Currency": "JPY", "Closing_Date": "2026-03-01", "Contact_Name": {"name": "Lina", "id": "48500001"}, "Owner": {"id": "3"},
        "Created_Time": "2026-01-05T00:00:00Z", "Modified_Time": time}
    same = {"name": "Fleet", "owner": "3", "closed_at": "2026-03-01T00:00:00.000Z", "created_at": "2026-01-05T00:00:00.000Z"}
    expected = [
        ("HUBSPOT", of_hubspot, said("HUBSPOT", "DEAL", "77", time, **same, pipeline="default", deal_stage="contractsent", stage="NEGOTIATION",
                                     amount_cents=120_051, currency="EUR", contact_ids=["5", "9"])),
        ("SALESFORCE", of_salesforce, said("SALESFORCE", "DEAL", "006A", time, **same, pipeline="012X", deal_stage="Negotiation/Review",
                                           stage="NEGOTIATION", amount_cents=1_200_505, currency="KWD", contact_ids=["003A"])),
        ("ZOHO", of_zoho, said("ZOHO", "DEAL", "99", time, **same, pipeline="Standard", deal_stage="Closed Lost to Competition", stage="LOST",
                               amount_cents=1200, currency="JPY", contact_ids=["48500001"])),
    ]
    for provider, record, deal in expected:
        yield case(f"a deal of {provider.lower()}", page(provider, [("DEAL", record)]), answer([result("DEAL", deal, "INSERT")], since=earlier(time)))


def stage_cases():
    time = "2026-02-01T00:00:00.000Z"
    deals, found, unmapped = [], [], {}
    wanted = dict(crm.HUBSPOT_DEALS) | {"ours": "UNMAPPED", "ClosedWon": "UNMAPPED"}
    for n, (stage, mapped) in enumerate(wanted.items()):
        deals.append(("DEAL", hubspot(str(n), time, pipeline="default", dealstage=stage)))
        found.append(result("DEAL", said("HUBSPOT", "DEAL", str(n), time, pipeline="default", deal_stage=stage, stage=mapped), "INSERT"))
    yield case("every deal stage of hubspot", page("HUBSPOT", deals),
               answer(found, [("DEAL", "default", "ClosedWon", 1), ("DEAL", "default", "ours", 1)], earlier(time)))
    people, found = [], []
    for n, (stage, mapped) in enumerate((crm.HUBSPOT_CONTACTS | {"evangelist": "UNMAPPED", "other": "UNMAPPED"}).items()):
        people.append(("CONTACT", hubspot(str(n), time, lifecyclestage=stage)))
        found.append(result("CONTACT", said("HUBSPOT", "CONTACT", str(n), time, lifecycle_stage=stage, stage=mapped), "INSERT"))
    yield case("every stage of hubspot's contacts", page("HUBSPOT", people),
               answer(found, [("CONTACT", "", "evangelist", 1), ("CONTACT", "", "other", 1)], earlier(time)))
    maps = {"stage_map": {"b2b": {"closedwon": "PROPOSAL", "ours": "MQL"}, "*": {"ours": "SQL"}}, "contact_stage_map": {"evangelist": "WON"}}
    asked = [("b2b", "closedwon", "PROPOSAL"), ("b2b", "ours", "MQL"), ("other", "ours", "SQL"), ("other", "closedwon", "WON"), (None, "ours", "SQL")]
    deals = [("DEAL", hubspot(str(n), time, pipeline=pipeline, dealstage=stage)) for n, (pipeline, stage, _) in enumerate(asked)]
    found = [result("DEAL", said("HUBSPOT", "DEAL", str(n), time, pipeline=pipeline, deal_stage=stage, stage=mapped), "INSERT")
             for n, (pipeline, stage, mapped) in enumerate(asked)]
    deals.append(("CONTACT", hubspot("9", time, lifecyclestage="evangelist")))
    found.append(result("CONTACT", said("HUBSPOT", "CONTACT", "9", time, lifecycle_stage="evangelist", stage="WON"), "INSERT"))
    yield case("the tenant's maps win, the pipeline's own before that of all", page("HUBSPOT", deals, **maps), answer(found, since=earlier(time)))
    flags = [({"IsWon": True, "IsClosed": True}, "WON"), ({"IsWon": False, "IsClosed": True}, "LOST"), ({"IsWon": False, "IsClosed": False}, "UNMAPPED")]
    deals = [("DEAL", {"Id": str(n), "StageName": "Ours", "SystemModstamp": time} | flag) for n, (flag, _) in enumerate(flags)]
    found = [result("DEAL", said("SALESFORCE", "DEAL", str(n), time, deal_stage="Ours", stage=mapped), "INSERT") for n, (_, mapped) in enumerate(flags)]
    yield case("salesforce says what is won and what is closed beside the stage", page("SALESFORCE", deals),
               answer(found, [("DEAL", "", "Ours", 1)], earlier(time)))


def upsert_cases():
    old, time, new = "2026-02-01T00:00:00.000Z", "2026-02-02T00:00:00.000Z", "2026-02-03T00:00:00.000Z"
    known = said("HUBSPOT", "CONTACT", "1", time, first_name="Lina")

    def one(outcome, updated_at, more=None, since=None, **properties):
        raw = hubspot("1", updated_at, more, **properties)
        record = said("HUBSPOT", "CONTACT", "1", updated_at, first_name=properties.get("firstname"),
                      archived=bool((more or {}).get("archived")))
        record["last_sync"] = crm.wire(crm.ms(properties["stratum_last_sync"])) if "stratum_last_sync" in properties else None
        return page("HUBSPOT", [("CONTACT", raw)], [("CONTACT", known)]), answer([result("CONTACT", record, outcome)], since=earlier(updated_at))

    yield case("a newer state replaces", *one("UPDATE", new, firstname="Lena"))
    yield case("the same state again changes nothing", *one("UNCHANGED", time, firstname="Lina"))
    yield case("a newer state that says the same changes nothing", *one("UNCHANGED", new, firstname="Lina"))
    yield case("an older state never overwrites", *one("STALE", old, firstname="Lena"))
    yield case("what we wrote ourselves does not come back", *one("OWN_WRITE", new, firstname="Lina", stratum_last_sync=new))
    yield case("what somebody changed beside our writing is not lost", *one("UPDATE", new, firstname="Lena", stratum_last_sync=new))
    yield case("a deleted contact is archived", *one("ARCHIVE", new, {"archived": True}, firstname="Lina"))
    raw = [hubspot("1", time, firstname="B"), hubspot("1", old, firstname="A"), hubspot("1", new, firstname="C"), hubspot("1", new, firstname="C")]
    found = [result("CONTACT", said("HUBSPOT", "CONTACT", "1", r["updatedAt"], first_name=r["properties"]["firstname"]), outcome)
             for r, outcome in zip(raw, ("INSERT", "STALE", "UPDATE", "UNCHANGED"))]
    yield case("a page may hold a record more than once", page("HUBSPOT", [("CONTACT", r) for r in raw]), answer(found, since=earlier(new)))
    gone = {"id": "7", "deleted_time": new, "deleted_by": {"id": "1"}}
    found = [result("DEAL", said("ZOHO", "DEAL", "7", new, archived=True), "ARCHIVE")]
    yield case("zoho lists what was deleted", page("ZOHO", [("DEAL", gone)]), answer(found, [("DEAL", "", "", 1)], earlier(new)))


def broken_cases():
    time = "2026-02-01T00:00:00.000Z"
    records = [("CONTACT", 7), ("CONTACT", {}), ("DEAL", {"id": "1"}), ("DEAL", {"updatedAt": time, "id": " "}), ("DEAL", hubspot("1", "soon"))]
    found = [refusal("CONTACT", NO_OBJECT), refusal("CONTACT", NO_ID, NO_TIME), refusal("DEAL", NO_TIME), refusal("DEAL", NO_ID), refusal("DEAL", NO_TIME)]
    yield case("what cannot be told apart is refused, record by record", page("HUBSPOT", records), answer(found))
    yield case("an empty page", page("HUBSPOT", []), answer([]))
    raw = hubspot("1", time, {"createdAt": "yesterday"}, dealname={"text": "Fleet"}, amount="1,200", deal_currency_code="EUR", dealstage="closedwon",
                  closedate="31.12.2026")
    record = said("HUBSPOT", "DEAL", "1", time, deal_stage="closedwon", stage="WON", currency="EUR")
    warnings = [("/properties/dealname", "wrong_type", "this is neither a text nor a number"),
                ("/properties/amount", "amount_unreadable", "an amount is a plain decimal such as 1200.50"),
                ("/properties/closedate", "time_unreadable", "this is neither an instant nor a date"),
                ("/createdAt", "time_unreadable", "this is neither an instant nor a date")]
    yield case("a field that cannot be read costs that field", page("HUBSPOT", [("DEAL", raw)]),
               answer([result("DEAL", record, "INSERT", warnings)], since=earlier(time)))
    raw = hubspot("1", time, amount="5", deal_currency_code="Euro", dealstage="closedwon")
    record = said("HUBSPOT", "DEAL", "1", time, deal_stage="closedwon", stage="WON")
    warnings = [("/properties/deal_currency_code", "currency_unreadable", "a currency is an ISO 4217 code of three letters"),
                ("/properties/amount", "currency_missing", "the amount's currency is not known; say it in the settings")]
    yield case("an amount in a currency that cannot be read is no amount", page("HUBSPOT", [("DEAL", raw)]),
               answer([result("DEAL", record, "INSERT", warnings)], since=earlier(time)))
    raw = hubspot("1", time, amount="5", dealstage="closedwon")
    record = said("HUBSPOT", "DEAL", "1", time, deal_stage="closedwon", stage="WON")
    warnings = [("/properties/amount", "currency_missing", "the amount's currency is not known; say it in the settings")]
    yield case("an amount that names no currency, of a tenant who says none, is no amount", page("HUBSPOT", [("DEAL", raw)]),
               answer([result("DEAL", record, "INSERT", warnings)], since=earlier(time)))
    record = record | {"amount_cents": 5000, "currency": "KWD"}
    yield case("an amount that names no currency is in the tenant's", page("HUBSPOT", [("DEAL", raw)], currency="KWD"),
               answer([result("DEAL", record, "INSERT")], since=earlier(time)))
    raw = {"Id": "00Q1", "SystemModstamp": time, "Status": "Working", "Company": "Shop"}
    record = said("SALESFORCE", "CONTACT", "00Q1", time, lifecycle_stage="Working", stage="UNMAPPED", company="Shop")
    found = result("CONTACT", record, "INSERT") | {"object_type": "LEAD"}
    yield case("a lead is read as a contact", page("SALESFORCE", [("LEAD", raw)]), answer([found], [("LEAD", "", "Working", 1)], earlier(time)))
    raw = hubspot("1", time, mail2="a@shop.test1", email="b@shop.test1")
    record = said("HUBSPOT", "CONTACT", "1", time, email="a@shop.test1")
    yield case("the tenant's own property comes before the provider's", page("HUBSPOT", [("CONTACT", raw)], contact_fields={"email": "mail2"}),
               answer([result("CONTACT", record, "INSERT")], since=earlier(time)))
    yield refused("a record that is known twice", page(
        "HUBSPOT", [], [("CONTACT", said("HUBSPOT", "CONTACT", "1", time))] * 2), ("/known/1/id", "duplicate"))
    yield refused("a stage that is none", page("HUBSPOT", [], contact_stage_map={"x": "CLOSED"}), ("/settings/contact_stage_map/x", "unknown_value"))


def map_cases():
    return [*full_contacts(), *full_deals(), *stage_cases(), *upsert_cases(), *broken_cases()]


def identity(keys):
    """An identity as it is sent, from its keys."""
    found = {}
    for signal, value in keys:
        if signal == "CLICK_ID":
            name, click = value.split(":")
            found.setdefault("click_ids", {})[name] = f" {click} "
        elif signal == "CAMPAIGN":
            campaign, source = value.split("\n")
            found["utm"] = {"campaign": campaign.upper(), "source": source}
        else:
            found[signal.lower()] = value
    return found


def ask(name, contacts, touches, **more):
    request = {"contacts": [{k: v for k, v in c.items() if k != "keys"} | {"identity": identity(c["keys"])} for c in contacts],
               "touches": [{k: v for k, v in t.items() if k != "keys"} | {"identity": identity(t["keys"])} for t in touches]} | more
    return case(name, request, crm.match(contacts, touches, more.get("lookback_days", 30), more.get("anchor", "CREATED")))


def match_cases():
    everything = [("CLICK_ID", "gclid:g1"), ("EXTERNAL_ID", "U-1"), ("EMAIL", "lina@shop.test1"), ("PHONE", "+96550012345"),
                  ("CLIENT_ID", "c1"), ("CAMPAIGN", "spring\ngoogle")]
    anna = {"id": "anna", "created_at": at(40), "keys": everything}
    ben = {"id": "ben", "created_at": at(30), "keys": []}

    def touch(name, day, *keys):
        return {"id": name, "at": at(day), "keys": list(keys)}

    yield ask("every signal by itself", [anna], [touch(k[0], 39, k) for k in everything])
    yield ask("campaign and source where nothing else is in common", [anna], [touch("near", 33, everything[5]), touch("far", 32.99, everything[5])])
    yield ask("all signals of a touchpoint are told", [anna], [touch("t", 39, *everything)])
    yield ask("the look-back and its edges", [anna, ben], [touch(f"t{d}", d, everything[0]) for d in (9.9, 10, 25, 40, 40.1)])
    yield ask("a longer look-back", [anna], [touch(f"t{d}", d, everything[0]) for d in (0, 9.9)], lookback_days=90)
    won = [anna | {"won_at": at(60)}, ben | {"keys": [("CLIENT_ID", "c1")]}]
    yield ask("revenue reaches back from the won deal", won, [touch("t1", 55, everything[0]), touch("t2", 29, everything[4])], anchor="WON")
    two = [ben | {"keys": [everything[3]]}, anna, {"id": "abe", "created_at": at(30), "keys": [everything[3]]}]
    yield ask("the surest signal wins, then who was first, then the id", two,
              [touch("t1", 29, everything[3], everything[1]), touch("t2", 29, everything[3]), touch("t3", 35, everything[3])])
    other = [anna, {"id": "zoe", "created_at": at(40), "keys": [everything[5]]}]
    yield ask("a campaign counts for who has nothing better", other, [touch("t1", 39, everything[0]), touch("t2", 39, everything[5])])
    yield case("an address meets its hash",
               {"contacts": [{"id": "a", "created_at": at(40), "identity": {"email": " Lina@Shop.test1"}}],
                "touches": [{"id": "t", "at": at(39), "identity": {"email": __import__("hashlib").sha256(b"lina@shop.test1").hexdigest().upper()}}]},
               {"matched": [{"touch_id": "t", "contact_id": "a", "confidence": 0.95, "signals": ["EMAIL"], "others": []}], "unmatched": [],
                "contacts_without": []})
    yield ask("nobody and nothing", [], [])
    rng = random.Random(6)
    pool = [(s, v) for s, values in {
        "CLICK_ID": ["gclid:g1", "gclid:g2", "fbclid:g1"], "EXTERNAL_ID": ["U-1", "U-2"], "EMAIL": ["a@shop.test1", "b@shop.test1"],
        "PHONE": ["+96550012345", "+96550012346"], "CLIENT_ID": ["c1", "c2", "c3"], "CAMPAIGN": ["spring\ngoogle", "spring\nmeta"]}.items()
        for v in values]

    def some():
        picked = {}
        for signal, value in rng.sample(pool, rng.randrange(4)):
            picked[(signal, value.split(":")[0]) if signal == "CLICK_ID" else signal] = (signal, value)
        return list(picked.values())

    for n in range(12):
        contacts = [{"id": f"c{k}", "created_at": at(rng.randrange(80) / 2), "keys": some()} for k in range(rng.randrange(1, 7))]
        touches = [{"id": f"t{k}", "at": at(rng.randrange(80) / 2), "keys": some()} for k in range(rng.randrange(1, 12))]
        yield ask(f"random contacts and touchpoints {n}", contacts, touches)
    yield refused("a look-back beyond all, and ids that are given twice", {
        "lookback_days": 91, "contacts": [{"id": "a", "created_at": at(1)}] * 2, "touches": [{"id": "t", "at": at(1)}] * 2},
        ("/lookback_days", "out_of_range"), ("/contacts/1/id", "duplicate"), ("/touches/1/id", "duplicate"))


def history(rng, first):
    day, found = first, []
    for stage in crm.WAY[rng.randrange(4):rng.randrange(4, 8)]:
        found.append({"stage": stage, "at": at(day)})
        day += rng.randrange(0, 20) / 2
    if rng.randrange(4) == 0:
        found.append({"stage": rng.choice(["LOST", "UNMAPPED", "SQL"]), "at": at(day)})
    rng.shuffle(found)
    return found


def pipeline_cases():
    period = {"from": at(0), "to": at(31), "currency": "USD"}

    def measured(name, **more):
        request = period | more
        return case(name, request, crm.pipeline(request))

    def reached(stage, day):
        return {"stage": stage, "at": at(day)}

    def deal(name, day, *stages, **more):
        return {"id": name, "created_at": at(day), "reached": list(stages)} | more

    yield measured("nothing at all")
    yield measured("what the deals are worth for what advertising cost", ad_spend_cents=50_000_000, deals=[
        deal("open", 1, reached("OPPORTUNITY", 2), amount_cents=1_500_000_000), deal("won", 1, reached("WON", 9), amount_cents=400_000_000)])
    yield measured("a deal that was won was at every stage before", deals=[deal("d", 1, reached("WON", 9), amount_cents=1, contact_ids=["anna"])],
                   ad_spend_cents=900)
    yield measured("a contact by its own stage or a deal's, whichever is further", contacts=[
        {"id": "anna", "reached": [reached("LEAD", 1)]}, {"id": "ben", "reached": [reached("MQL", 2), reached("LEAD", -3)]}],
        deals=[deal("d", 1, reached("SQL", 3), contact_ids=["anna"])], ad_spend_cents=10_000)
    yield measured("the period's edges", contacts=[{"id": f"c{n}", "reached": [reached("LEAD", d)]} for n, d in enumerate((-0.001, 0, 30.999, 31))])
    yield measured("what is no longer open, not yet made, or nowhere", deals=[
        deal("before", -40, reached("WON", -1), amount_cents=5), deal("later", 40, reached("SQL", 41), amount_cents=7),
        deal("nowhere", 3, reached("UNMAPPED", 4), amount_cents=11), deal("silent", 3, amount_cents=13),
        deal("reopened", 3, reached("LOST", 5), reached("SQL", 6), amount_cents=17),
        deal("at once", 3, reached("NEGOTIATION", 5), reached("WON", 5), amount_cents=19),
        deal("won later", 3, reached("SQL", 5), reached("WON", 31), amount_cents=23)])
    yield measured("deals won before they were made took nobody knows how long", deals=[
        deal("backwards", 9, reached("WON", 8.999), amount_cents=5), deal("at once", 9, reached("WON", 9), amount_cents=7),
        deal("four days", 9, reached("WON", 13), amount_cents=11)])
    yield measured("amounts that do not add", currency="EUR", deals=[
        deal("euro", 1, reached("SQL", 2), amount_cents=100, currency="EUR"), deal("dollar", 1, reached("SQL", 2), amount_cents=100, currency="USD"),
        deal("none", 1, reached("WON", 2)), deal("the same", 1, reached("WON", 2), amount_cents=-30)], ad_spend_cents=7)
    rng = random.Random(12)
    for n in range(8):
        contacts = [{"id": f"c{k}", "reached": history(rng, rng.randrange(-10, 35))} for k in range(rng.randrange(8))]
        deals = []
        for k in range(rng.randrange(1, 12)):
            first = rng.randrange(-20, 35)
            deals.append(deal(f"d{k}", first, *history(rng, first), amount_cents=rng.choice([None, 12_345, 10**9]),
                              contact_ids=[f"c{rng.randrange(9)}" for _ in range(rng.randrange(3))]))
        yield measured(f"a random pipeline {n}", contacts=contacts, deals=deals, ad_spend_cents=rng.choice([0, 777, 5_000_000]))
    yield refused("a sum beyond all money", period | {"deals": [deal(f"d{n}", 1, reached("SQL", 2), amount_cents=2**53 - 1) for n in range(2)]},
                  ("/deals", "amount_too_large"))
    yield refused("every wrong figure at once", {
        "from": at(2), "to": at(1), "currency": "USD", "ad_spend_cents": -1, "contacts": [{"id": "a", "reached": []}] * 2,
        "deals": [deal("d", 1, amount_cents=2**53)] * 2},
        ("/to", "out_of_range"), ("/ad_spend_cents", "out_of_range"), ("/deals/0/amount_cents", "amount_too_large"),
        ("/deals/1/amount_cents", "amount_too_large"), ("/contacts/1/id", "duplicate"), ("/deals/1/id", "duplicate"))


CONTACT_PROPERTIES = ["ad_platform", "campaign_id", "campaign_name", "adset_id", "ad_id", "first_touch_source", "last_touch_source",
                      "attribution_confidence", "total_ad_spend", "touchpoints_count", "last_sync"]
DEAL_PROPERTIES = ["attributed_platform", "attributed_campaign", "attributed_campaign_id", "attribution_model", "attributed_spend", "revenue_roas",
                   "profit_roas", "cogs", "gross_profit", "net_profit", "days_to_close", "touchpoints_count", "last_sync"]
NUMBERS = {"attribution_confidence", "total_ad_spend", "attributed_spend", "revenue_roas", "profit_roas", "cogs", "gross_profit", "net_profit",
           "days_to_close", "touchpoints_count"}


def property_cases():
    for provider in ("HUBSPOT", "SALESFORCE", "ZOHO"):
        for kind, names in (("CONTACT", CONTACT_PROPERTIES), ("LEAD", CONTACT_PROPERTIES), ("DEAL", DEAL_PROPERTIES)):
            made = [{"property": f"stratum_{n}", "name": f"stratum_{n}" + ("__c" if provider == "SALESFORCE" else ""),
                     "label": "Stratum " + n.replace("_", " "), "group": "stratumroas",
                     "kind": "TIME" if n == "last_sync" else "NUMBER" if n in NUMBERS else "TEXT"} for n in names]
            yield case(f"properties of a {kind.lower()} in {provider.lower()}", {"provider": provider, "object_type": kind}, {"properties": made})
    yield refused("no such system", {"provider": "PIPEDRIVE", "object_type": "DEAL"}, ("/provider", "unknown_value"))


def writeback_cases():
    now = "2026-03-01T12:00:00.000Z"

    def change(identity, name, before, after):
        return {"id": identity, "property": f"stratum_{name}", "from": before, "to": after}

    values = {"stratum_ad_platform": "META", "stratum_attribution_confidence": 0.95, "stratum_total_ad_spend": 12.5, "stratum_ad_id": None}
    record = {"id": "5", "values": values, "current": {"stratum_ad_platform": "META", "stratum_total_ad_spend": "12.50", "stratum_ad_id": "77"}}
    changes = [change("5", "ad_id", "77", None), change("5", "attribution_confidence", None, 0.95)]
    bodies = {
        "HUBSPOT": ("POST", "/crm/v3/objects/contacts/batch/update", {"inputs": [{"id": "5", "properties": {
            "stratum_ad_id": "", "stratum_attribution_confidence": "0.95", "stratum_last_sync": now}}]}),
        "SALESFORCE": ("PATCH", "/services/data/v61.0/composite/sobjects", {"allOrNone": False, "records": [{
            "attributes": {"type": "Contact"}, "Id": "5", "stratum_ad_id__c": None, "stratum_attribution_confidence__c": 0.95,
            "stratum_last_sync__c": now}]}),
        "ZOHO": ("PUT", "/crm/v7/Contacts", {"data": [{
            "id": "5", "stratum_ad_id": None, "stratum_attribution_confidence": 0.95, "stratum_last_sync": now}], "trigger": []}),
    }
    for provider, (method, path, body) in bodies.items():
        request = {"provider": provider, "object_type": "CONTACT", "now": now, "records": [record, {"id": "6", "values": {}}]}
        batch = {"method": method, "path": path, "ids": ["5"], "body": body}
        yield case(f"only what changed goes to {provider.lower()}", request, {"changes": changes, "changed": 1, "unchanged": 1, "batches": [batch]})
    many = [{"id": str(n), "values": {"stratum_cogs": n}, "current": {"stratum_cogs": 0}} for n in range(206)]
    rows = [{"id": str(n), "properties": {"stratum_cogs": str(n), "stratum_last_sync": now}} for n in range(1, 206)]
    batches = [{"method": "POST", "path": "/crm/v3/objects/deals/batch/update", "ids": [r["id"] for r in part], "body": {"inputs": part}}
               for part in (rows[:100], rows[100:200], rows[200:])]
    yield case("at most a hundred at a time", {"provider": "HUBSPOT", "object_type": "DEAL", "now": now, "records": many},
               {"changes": [change(r["id"], "cogs", 0, int(r["id"])) for r in rows], "changed": 205, "unchanged": 1, "batches": batches})
    yield case("properties that the tenant does not want are left alone",
               {"provider": "HUBSPOT", "object_type": "DEAL", "now": now, "fields": ["stratum_cogs"], "records": [
                   {"id": "1", "values": {"stratum_net_profit": 5, "stratum_attribution_model": "LINEAR"}}]},
               {"changes": [], "changed": 0, "unchanged": 1, "batches": []})
    yield refused("every wrong part at once", {
        "provider": "HUBSPOT", "object_type": "DEAL", "now": now, "batch_size": 0, "fields": ["stratum_ad_id"], "records": [
            {"id": "1", "values": {"stratum_ad_platform": "META", "stratum_cogs": "much", "stratum_last_sync": now, "stratum_attribution_model": 7}},
            {"id": "1", "values": {}}]},
        ("/batch_size", "out_of_range"), ("/fields/0", "unknown_field"), ("/records/0/values/stratum_ad_platform", "unknown_field"),
        ("/records/0/values/stratum_cogs", "wrong_type"), ("/records/0/values/stratum_last_sync", "wrong_type"),
        ("/records/0/values/stratum_attribution_model", "wrong_type"), ("/records/1/id", "duplicate"))
