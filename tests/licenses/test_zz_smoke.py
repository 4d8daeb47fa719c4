import pytest
from django.contrib import admin
from django.urls import reverse
from tests import factories
from licenses.models import Order, LicenseRequest
from renewals.models import RenewalRequest

@pytest.fixture
def client(staff, sign_in):
    return sign_in(staff)

def test_pages(client, db, center):
    f = factories
    o = f.order(f.CODES, assigned_to=center)
    c = f.codes(o)
    r = f.redemption(c[0])
    lr = f.license_request(f.CODES)
    ren = f.renewal_request(f.order(), code_choice="existing")
    person = f.member(center)
    for url in ["/admin/"] + [reverse(f"admin:{m._meta.app_label}_{m._meta.model_name}_changelist") for m in admin.site._registry if m._meta.app_label in ("accounts","licenses","renewals","activation_codes")]:
        resp = client.get(url)
        print(url, resp.status_code)
        assert resp.status_code == 200
    for m, a in admin.site._registry.items():
        if m._meta.app_label not in ("accounts","licenses","renewals","activation_codes"): continue
        n = f"{m._meta.app_label}_{m._meta.model_name}"
        resp = client.get(reverse(f"admin:{n}_add")); print(n, "add", resp.status_code)
        obj = m._default_manager.last()
        if m is LicenseRequest: obj = lr
        if obj:
            resp = client.get(reverse(f"admin:{n}_change", args=[obj.pk])); print(n, "change", resp.status_code)
            resp = client.get(reverse(f"admin:{n}_history", args=[obj.pk])); print(n, "hist", resp.status_code)
            resp = client.get(reverse(f"admin:{n}_delete", args=[obj.pk])); print(n, "del", resp.status_code)
    for u in [reverse("admin:activation_codes_order_page", args=[o.pk]), reverse("admin:licenses_order_suspend_page", args=[o.pk]), reverse("admin:find_code"), reverse("admin:licenses_order_change", args=[o.pk])]:
        assert client.get(u).status_code == 200
