"""Writes the conformance cases of the operations to tests/vectors/operations.

    python3 tests/oracle/operations.py            writes the files
    python3 tests/oracle/operations.py --check    says whether they are what this script writes

Every expected value comes from the modules beside this one: the specification's formulas in exact fractions (powers and
logarithms in decimals of sixty digits), rounded once. Python's standard library alone is needed.
"""

import datetime
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "vectors" / "operations"
NOW = datetime.datetime(2026, 3, 1, 12, 0, 0, tzinfo=datetime.timezone.utc)
TENANT = "0198c9a0-0000-7000-8000-000000000001"
OTHER_TENANT = "0198c9a0-0000-7000-8000-000000000002"


def at(ms):
    """The instant `ms` milliseconds before NOW, as it stands on the wire."""
    instant = NOW - datetime.timedelta(milliseconds=ms)
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def case(name, request, expect):
    return {"name": name, "request": request, "expect": expect}


def refused(name, request, *problems):
    """A request that is refused with exactly these (path, code) pairs, in any order."""
    return {
        "name": name,
        "request": request,
        "expect_problems": [{"path": path, "code": code} for path, code in problems],
    }


def files():
    """The content of each file by name."""
    import audience_cases
    import attribution_model_cases
    import attribution_cases
    import audience_sync_cases
    import attribution_path_cases
    import backtest_cases
    import consent_cases
    import conversion_cases
    import conversion_event_cases
    import crm_cases
    import decision_cases
    import delivery_cases
    import emq_cases
    import enforcement_cases
    import funnel_cases
    import gate_cases
    import health_cases
    import identity_cases
    import identifier_cases
    import stitch_cases
    import journey_cases
    import suppression_cases
    import lifecycle_cases
    import lifetime_value_cases
    import prediction_cases
    import rfm_cases
    import segment_cases
    import offline_cases
    import profile_cases
    import traits_cases
    import whatif_cases

    return {
        "health_evaluate": ("health.evaluate", health_cases.cases()),
        "gate_evaluate": ("gate.evaluate", gate_cases.cases()),
        "emq_event": ("emq.event", emq_cases.event_cases()),
        "emq_platform": ("emq.platform", emq_cases.platform_cases()),
        "identifier_normalize": ("identifier.normalize", identifier_cases.identifier_cases()),
        "person_normalize": ("person.normalize", identifier_cases.person_cases()),
        "event_validate": ("event.validate", identifier_cases.event_cases()),
        "enforcement_check": ("enforcement.check", enforcement_cases.cases()),
        "decision_evaluate": ("decision.evaluate", decision_cases.cases()),
        "decision_replay": ("decision.replay", decision_cases.replay_cases()),
        "backtest_run": ("backtest.run", backtest_cases.run_cases()),
        "backtest_compare": ("backtest.compare", backtest_cases.compare_cases()),
        "delivery_classify": ("delivery.classify", delivery_cases.cases()),
        "delivery_retry": ("delivery.retry", delivery_cases.retry_cases()),
        "delivery_bucket": ("delivery.bucket", delivery_cases.bucket_cases()),
        "delivery_breaker": ("delivery.breaker", delivery_cases.breaker_cases()),
        "audience_difference": ("audience.difference", audience_sync_cases.difference_cases()),
        "audience_sync_check": ("audience.sync_check", audience_sync_cases.check_cases()),
        "conversion_offline": ("conversion.offline", offline_cases.cases()),
        "rfm_score": ("rfm.score", rfm_cases.cases()),
        "rfm_aggregate": ("rfm.aggregate", rfm_cases.aggregate_cases()),
        "lifecycle_activity": ("lifecycle.activity", lifecycle_cases.activity_cases()),
        "suppression_check": ("suppression.check", suppression_cases.check_cases()),
        "suppression_add": ("suppression.add", suppression_cases.add_cases()),
        "suppression_lift": ("suppression.lift", suppression_cases.lift_cases()),
        "segment_changes": ("segment.changes", segment_cases.changes_cases()),
        "segment_validate": ("segment.validate", segment_cases.validate_cases()),
        "segment_evaluate": ("segment.evaluate", segment_cases.evaluate_cases()),
        "segment_preview": ("segment.preview", segment_cases.preview_cases()),
        "segment_overlap": ("segment.overlap", segment_cases.overlap_cases()),
        "segment_sql": ("segment.sql", segment_cases.sql_cases()),
        "lifecycle_evaluate": ("lifecycle.evaluate", lifecycle_cases.cases()),
        "prediction_evaluate": ("prediction.evaluate", prediction_cases.cases()),
        "bgnbd_fit": ("bgnbd.fit", lifetime_value_cases.fit_cases()),
        "bgnbd_predict": ("bgnbd.predict", lifetime_value_cases.predict_cases()),
        "gamma_gamma_fit": ("gamma_gamma.fit", lifetime_value_cases.spend_cases()),
        "clv_predict": ("clv.predict", lifetime_value_cases.value_cases()),
        "whatif_simulate": ("whatif.simulate", whatif_cases.cases()),
        "identity_resolve": ("identity.resolve", identity_cases.resolve_cases()),
        "identity_explain": ("identity.explain", identity_cases.explain_cases()),
        "identity_graph": ("identity.graph", identity_cases.graph_cases()),
        "identity_compare": ("identity.compare", identity_cases.compare_cases()),
        "identity_check": ("identity.check", identity_cases.check_cases()),
        "identity_stitch": ("identity.stitch", stitch_cases.cases()),
        "whatif_roi": ("whatif.roi", whatif_cases.roi_cases()),
        "profile_aggregate": ("profile.aggregate", profile_cases.cases()),
        "traits_validate": ("traits.validate", traits_cases.validation_cases()),
        "traits_compute": ("traits.compute", traits_cases.cases()),
        "consent_evaluate": ("consent.evaluate", consent_cases.cases()),
        "privacy_erasure": ("privacy.erasure", consent_cases.erasure_cases()),
        "privacy_export": ("privacy.export", consent_cases.export_cases()),
        "privacy_retention": ("privacy.retention", consent_cases.retention_cases()),
        "conversion_payloads": ("conversion.payloads", conversion_cases.payload_cases()),
        "conversion_from_events": ("conversion.from_events", conversion_event_cases.cases()),
        "conversion_event_name": ("conversion.event_name", conversion_cases.name_cases()),
        "conversion_quality": ("conversion.quality", audience_cases.quality_cases()),
        "audience_payloads": ("audience.payloads", audience_cases.payload_cases()),
        "audience_match_estimate": ("audience.match_estimate", audience_cases.estimate_cases()),
        "crm_map": ("crm.map", crm_cases.map_cases()),
        "crm_match": ("crm.match", list(crm_cases.match_cases())),
        "crm_pipeline": ("crm.pipeline", list(crm_cases.pipeline_cases())),
        "crm_properties": ("crm.properties", list(crm_cases.property_cases())),
        "crm_writeback": ("crm.writeback", list(crm_cases.writeback_cases())),
        "funnel_evaluate": ("funnel.evaluate", funnel_cases.cases()),
        "journey_build": ("journey.build", journey_cases.cases()),
        "attribution_rules": ("attribution.rules", attribution_cases.rules_cases()),
        "attribution_paths": ("attribution.paths", attribution_path_cases.path_cases()),
        "attribution_variance": ("attribution.variance", attribution_path_cases.variance_cases()),
        "attribution_compare": ("attribution.compare", attribution_cases.compare_cases()),
        "cohort_retention": ("cohort.retention", funnel_cases.cohort_cases()),
        "attribution_shapley": ("attribution.shapley", attribution_model_cases.shapley_cases()),
        "attribution_data_driven": ("attribution.data_driven", attribution_model_cases.train_cases()),
        "attribution_apply": ("attribution.apply", attribution_model_cases.apply_cases()),
        "attribution_markov": ("attribution.markov", attribution_model_cases.markov_cases()),
    }


def main():
    stale, total = [], 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, (operation, cases) in files().items():
        names = [c["name"] for c in cases]
        assert len(names) == len(set(names)), f"{operation}: a name stands twice"
        total += len(cases)
        content = {
            "source": "tests/oracle: the specification's formulas in exact fractions (Python's fractions)",
            "operation": operation,
            "cases": cases,
        }
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        path = FOLDER / f"{name}.json"
        if "--check" in sys.argv:
            if not path.exists() or path.read_text() != text:
                stale.append(path.name)
        else:
            path.write_text(text)
    print(f"{total} cases")
    if stale:
        sys.exit(f"not what the oracle writes: {', '.join(stale)}")


if __name__ == "__main__":
    sys.modules["operations"] = sys.modules["__main__"]
    main()
