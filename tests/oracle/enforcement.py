"""Enforcement, worked out from the table of the specification (section 4.4) in exact fractions."""

from fractions import Fraction

from exact import number, q

from gate import RAISING

TYPES = ["BUDGET_EXCEEDED", "ROAS_BELOW_THRESHOLD", "DAILY_SPEND_LIMIT", "CAMPAIGN_PAUSE_REQUIRED",
         "FREQUENCY_CAP_EXCEEDED"]
KINDS = [None, "MAX_BUDGET", "DAILY_INCREASE", "BUDGET_UNKNOWN", "ROAS_UNKNOWN", "SPEND_UNKNOWN", "AD_FREQUENCY",
         "FREQUENCY_UNKNOWN", "CHANGES_PER_DAY", "MIN_INTERVAL"]
MODES = ["ADVISORY", "SOFT_BLOCK", "HARD_BLOCK"]
HOUR = 3_600_000

DEFAULTS = {
    "default_mode": "SOFT_BLOCK", "max_daily_budget_increase_pct": 20, "max_campaign_budget_cents": 1_000_000,
    "roas_threshold": 2, "max_changes_per_day": 10, "min_hours_between_changes": 4, "daily_spend_limit_cents": None,
    "ad_frequency_cap": 3, "pause_roas_frac": "0.5", "pause_min_spend_cents": 5_000, "rules": [],
}


class Check:
    """One check. `known` is as on the wire, but with `last_change_age_ms` in place of an instant."""

    def __init__(self, settings, change, known):
        self.settings, self.change, self.known = DEFAULTS | settings, change, known
        self.violations, self.pause = [], None
        value = change["change"]
        self.is_budget = value["field"] == "BUDGET"
        self.before, self.after = value.get("before_cents"), value.get("after_cents")
        self.raising = change["action_type"] in RAISING or (self.after or 0) > (self.before or 0)

    def limits(self, kind, built_in):
        """(limit, mode, rule id) of the built-in rule, where there is one, and of the tenant's own."""
        mode = self.settings["default_mode"]
        found = [] if built_in is None else [(q(built_in), mode, None)]
        for rule in self.settings["rules"]:
            platform = self.change.get("platform")
            here = rule.get("platform") is None or platform is None or rule["platform"] == platform
            if rule["rule_type"] == kind and rule.get("enabled", True) and here:
                found.append((q(rule["threshold_value"]), rule.get("enforcement_mode", mode), rule["rule_id"]))
        return found

    def found(self, violation_type, kind, limit, actual, mode=None, rule_id=None, most=None, wait_ms=None):
        self.violations.append({
            "type": violation_type, "kind": kind, "limit": number(limit), "actual": number(actual),
            "mode": mode or self.settings["default_mode"], "rule_id": rule_id, "allowed_max_cents": most,
            "allowed_in_ms": wait_ms,
        })

    def run(self):
        self.budget()
        if not self.change["action_type"].startswith("PAUSE"):
            self.change_limits()
        if self.raising:
            self.roas()
            self.spend()
            self.pause_required()
            self.ad_frequency()
        self.violations.sort(key=lambda v: (TYPES.index(v["type"]), KINDS.index(v["kind"]), v["rule_id"] or ""))
        mode = max((v["mode"] for v in self.violations), key=MODES.index, default="ADVISORY")
        return {
            "allowed": mode == "ADVISORY", "mode": mode, "requires_confirmation": mode == "SOFT_BLOCK",
            "violations": self.violations, "propose_pause_of": self.pause,
        }

    def budget(self):
        pct = q(self.settings["max_daily_budget_increase_pct"])
        if not self.is_budget:
            return
        if self.change["change"]["currency"] != self.known["currency"]:
            return self.found("BUDGET_EXCEEDED", "BUDGET_UNKNOWN", pct, None)
        for cap, mode, rule in self.limits("BUDGET_EXCEEDED", self.settings["max_campaign_budget_cents"]):
            if self.after > cap:
                self.found("BUDGET_EXCEEDED", "MAX_BUDGET", cap, self.after, mode, rule, most=int(cap))
        if self.after <= self.before:
            return
        opening = self.known.get("first_budget_today_cents")
        stored = self.known.get("budget")
        if opening is None and stored and stored["kind"] == self.change["change"]["kind"]:
            opening = stored["budget_cents"]
        if not opening or opening <= 0:
            return self.found("BUDGET_EXCEEDED", "BUDGET_UNKNOWN", pct, None)
        risen = Fraction(self.after - opening, opening) * 100
        if risen > pct:
            most = opening + int(pct * opening / 100)
            self.found("BUDGET_EXCEEDED", "DAILY_INCREASE", pct, risen, most=most)

    def change_limits(self):
        most, hours = self.settings["max_changes_per_day"], self.settings["min_hours_between_changes"]
        if self.known["changes_today"] >= most:
            self.found("FREQUENCY_CAP_EXCEEDED", "CHANGES_PER_DAY", most, self.known["changes_today"],
                       wait_ms=self.known["midnight_in_ms"])
        age = self.known.get("last_change_age_ms")
        if age is not None and age < hours * HOUR:
            self.found("FREQUENCY_CAP_EXCEEDED", "MIN_INTERVAL", hours, Fraction(age, HOUR), wait_ms=hours * HOUR - age)

    def return_(self):
        campaign = self.known.get("campaign", {})
        if campaign.get("roas") is not None:
            return q(campaign["roas"])
        if not campaign.get("spend_cents") or campaign.get("revenue_cents") is None:
            return None
        return Fraction(campaign["revenue_cents"], campaign["spend_cents"])

    def roas(self):
        for limit, mode, rule in self.limits("ROAS_BELOW_THRESHOLD", self.settings["roas_threshold"]):
            if self.return_() is None:
                self.found("ROAS_BELOW_THRESHOLD", "ROAS_UNKNOWN", limit, None, mode, rule)
            elif self.return_() < limit:
                self.found("ROAS_BELOW_THRESHOLD", None, limit, self.return_(), mode, rule)

    def spend(self):
        limits = self.limits("DAILY_SPEND_LIMIT", self.settings["daily_spend_limit_cents"])
        others, spent = self.known.get("other_daily_budgets_cents"), self.known.get("spend_today_cents")
        for limit, mode, rule in limits:
            if others is None or spent is None:
                self.found("DAILY_SPEND_LIMIT", "SPEND_UNKNOWN", limit, None, mode, rule)
                continue
            most = max(others + self.after, spent + self.after - self.before)
            if most > limit:
                allowed = int(min(limit - others, limit - spent + self.before))
                self.found("DAILY_SPEND_LIMIT", None, limit, most, mode, rule, most=allowed if allowed > 0 else None)

    def pause_required(self):
        limit_in_force = q(self.settings["pause_roas_frac"]) * q(self.settings["roas_threshold"])
        spent = self.known.get("campaign", {}).get("spend_cents")
        for limit, mode, rule in self.limits("CAMPAIGN_PAUSE_REQUIRED", limit_in_force):
            low = self.return_() is not None and self.return_() < limit
            if low and spent is not None and spent >= self.settings["pause_min_spend_cents"]:
                self.found("CAMPAIGN_PAUSE_REQUIRED", None, limit, self.return_(), mode, rule)
                if not self.known.get("pause_proposal_open"):
                    # It is the campaign that is paused; of an ad set or creative it may be unknown which that is.
                    campaign = self.change["entity_type"] == "CAMPAIGN"
                    self.pause = self.change["entity_id"] if campaign else self.known.get("campaign_id")

    def ad_frequency(self):
        exposure = self.known.get("exposure", {})
        frequency = None
        if exposure.get("reach") and exposure.get("impressions") is not None:
            frequency = Fraction(exposure["impressions"], exposure["reach"])
        for cap, mode, rule in self.limits("FREQUENCY_CAP_EXCEEDED", self.settings["ad_frequency_cap"]):
            if frequency is None:
                if self.change.get("platform") != "GOOGLE" or rule:
                    self.found("FREQUENCY_CAP_EXCEEDED", "FREQUENCY_UNKNOWN", cap, None, mode, rule)
            elif frequency > cap:
                self.found("FREQUENCY_CAP_EXCEEDED", "AD_FREQUENCY", cap, frequency, mode, rule)


def check(settings, change, known):
    return Check(settings, change, known).run()
