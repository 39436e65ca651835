from factories.stock import an_item, issue, limits, on_shelf


def test_smoke(cast, send, sync):
    an_item()
    on_shelf(78)
    limits(10, 50, 200)
    issue(60)
    an_item("umbrella", unit="把", case_unit="", units_per_case=1, is_lent=True)
    on_shelf(3, "umbrella")
    an_item("never")
    lead = cast.lead
    r = lead.get("/desk")
    assert r.status_code == 302, r.text
    r = lead.get("/desk/GH-HD-01")
    assert r.status_code == 200, r.text[:3000]
    open("/tmp/w/h4s/page.html", "w").write(r.text)
    r = send(lead, "/desk/GH-HD-01/entry", kind="issue", item="bottles", quantity="三瓶")
    assert r.status_code == 303, r.text
    r = send(lead, "/desk/GH-HD-01/entry", kind="issue", item="bottles", quantity="-3")
    assert r.status_code == 400
    r = send(lead, "/desk/GH-HD-01/entry", kind="loan", item="umbrella", tag="0412")
    assert r.status_code == 303, r.text
    r = sync(
        lead,
        [
            {"id": "abcdefgh1", "kind": "issue", "item": "bottles", "quantity": 2},
            {"id": "abcdefgh2", "kind": "issue", "item": "bottles", "quantity": 10**9},
        ],
    )
    assert r.status_code == 200, r.text
    print(r.text[:3000], len(r.data))
    print(len(lead.get("/desk/GH-HD-01").data))
    assert cast.city.get("/desk").status_code == 200
    assert 0
