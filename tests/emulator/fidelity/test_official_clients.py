"""Microsoft's own clients against the emulator: what they accept, our clients may rely on.

Run by `fidelity/run`, which starts the emulator and sets the environment.
"""

import asyncio
import datetime
import json
import os
import urllib.request

import jwt
import pytest
from azure.batch import BatchClient
from azure.batch.aio import BatchClient as AsyncBatchClient
from azure.batch.models import BatchJobState
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
from azure.identity import (
    AzurePipelinesCredential,
    CertificateCredential,
    ClientAssertionCredential,
    ClientSecretCredential,
    OnBehalfOfCredential,
    WorkloadIdentityCredential,
)
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

JOBS = 2500
SCOPE = "https://batch.core.windows.net//.default"


def environment(name):
    return os.environ["EMULATOR_" + name]


def arguments(app="READER", **changes):
    values = {
        "tenant_id": environment("TENANT"),
        "client_id": environment(app + "_CLIENT_ID"),
        "client_secret": environment(app + "_CLIENT_SECRET"),
        "authority": environment("ENTRA"),
        "disable_instance_discovery": True,
    }
    return {**values, **changes}


def credential(app="READER", **changes):
    return ClientSecretCredential(**arguments(app, **changes))


def client(account="CONTOSO", **changes):
    return BatchClient(environment("BATCH_" + account), credential(**changes))


def test_secret_gets_a_token_that_lives_an_hour():
    token = credential().get_token(SCOPE)
    assert token.token.count(".") == 2
    left = token.expires_on - datetime.datetime.now().timestamp()
    assert 3500 < left <= 3600


def test_token_verifies_against_the_published_keys():
    token = credential().get_token(SCOPE).token
    keys = f"{environment('ENTRA')}/{environment('TENANT')}/discovery/v2.0/keys"
    claims = jwt.decode(
        token,
        jwt.PyJWKClient(keys).get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        audience="https://batch.core.windows.net/",
        issuer=f"https://sts.windows.net/{environment('TENANT')}/",
    )
    assert claims["appid"] == environment("CLIENT_ID")


def test_tenant_may_be_given_as_domain():
    assert credential(tenant_id=environment("TENANT_DOMAIN")).get_token(SCOPE).token


def test_wrong_secret_is_named_by_its_code():
    for secret in ("wrong", environment("CLIENT_SECRET_ID")):
        with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
            credential(client_secret=secret).get_token(SCOPE)


@pytest.mark.parametrize(
    "changes, code",
    [
        ({"app": "EXPIRED"}, "AADSTS7000222"),
        ({"app": "DISABLED"}, "AADSTS7000112"),
        ({"app": "STRANGER"}, "AADSTS700016"),
        ({"client_id": "11111111-2222-4333-8444-555555555555"}, "AADSTS700016"),
    ],
)
def test_other_refusals_are_named_by_their_codes(changes, code):
    with pytest.raises(ClientAuthenticationError, match=code):
        credential(**changes).get_token(SCOPE)


def test_unknown_resource_is_named_by_its_code():
    with pytest.raises(ClientAuthenticationError, match="AADSTS500011"):
        credential().get_token("https://batch.example//.default")


def test_jobs_come_in_pages_once_each_and_in_order():
    pages = [list(page) for page in client().list_jobs(max_results=999).by_page()]
    assert [len(page) for page in pages] == [999, 999, 502]
    ids = [job.id for page in pages for job in page]
    assert len(set(ids)) == JOBS
    assert ids == sorted(ids)


def test_paging_goes_on_from_a_stored_token():
    by_page = client().list_jobs(max_results=1000).by_page()
    first = list(next(by_page))
    rest = client().list_jobs(max_results=1000).by_page(by_page.continuation_token)
    assert len(first) + sum(len(list(page)) for page in rest) == JOBS


def test_filter_holds_over_pages():
    jobs = list(client().list_jobs(filter="state eq 'active'", max_results=100))
    assert len(jobs) == JOBS // 10
    assert {job.state for job in jobs} == {BatchJobState.ACTIVE}
    named = list(client().list_jobs(filter="startswith(id,'etl_') and state ne 'active'"))
    assert named and all(job.id.startswith("etl_") for job in named)


def test_typed_model_reads_every_kind_of_job():
    jobs = list(client().list_jobs())
    assert {job.state for job in jobs} == set(BatchJobState)
    first = jobs[0]
    assert first.url == environment("BATCH_CONTOSO") + "/jobs/" + first.id
    assert first.creation_time == datetime.datetime(2026, 1, 5, 6, tzinfo=datetime.timezone.utc)
    assert first.etag.startswith("0x")
    assert first.pool_info.pool_id == first.execution_info.pool_id
    assert first.constraints.max_wall_clock_time.days == 10675199
    assert [pair.name for pair in first.metadata] == ["owner", "ticket", "owner"]
    assert first.job_statistics is None
    auto = [job for job in jobs if job.pool_info.auto_pool_specification]
    image = auto[0].pool_info.auto_pool_specification.pool.virtual_machine_configuration
    assert image.image_reference.offer == "ubuntu-hpc"
    assert any(job.job_manager_task for job in jobs)
    assert any(job.job_preparation_task for job in jobs)
    assert any(job.execution_info.scheduling_error for job in jobs)
    assert any("夜間" in (job.display_name or "") for job in jobs)
    completed = [job for job in jobs if job.state == BatchJobState.COMPLETED]
    assert all(job.execution_info.end_time and job.execution_info.termination_reason for job in completed)


def test_statistics_come_when_expanded():
    stats = next(client("SINGLE").list_jobs(expand=["stats"])).job_statistics
    assert isinstance(stats.read_iops, int)
    assert isinstance(stats.wall_clock_time, datetime.timedelta)


def test_selected_members_come_alone():
    job = next(client("SINGLE").list_jobs(select=["id", "state"]))
    assert job.id and job.state
    assert job.url is None and job.pool_info is None


def test_schedule_lists_its_jobs():
    jobs = list(client().list_jobs_from_schedule(environment("SCHEDULE")))
    assert len(jobs) == 125
    assert all(job.id.startswith("nightly:job-") for job in jobs)
    with pytest.raises(HttpResponseError) as refused:
        list(client().list_jobs_from_schedule("weekly"))
    assert refused.value.status_code == 404


def test_account_without_jobs_is_no_error():
    assert not list(client("EMPTY").list_jobs())


@pytest.mark.parametrize("account", ["LOCKED", "SHAREDKEY"])
def test_account_that_lets_nobody_in_is_403(account):
    with pytest.raises(HttpResponseError) as refused:
        list(client(account).list_jobs())
    assert refused.value.status_code == 403


def test_missing_role_is_403():
    with pytest.raises(HttpResponseError) as refused:
        list(client(app="NOROLE").list_jobs())
    assert refused.value.status_code == 403


def test_bad_filter_is_400():
    with pytest.raises(HttpResponseError) as refused:
        list(client().list_jobs(filter="displayName eq 'x'"))
    assert refused.value.status_code == 400
    assert "InvalidQueryParameterValue" in str(refused.value)


@pytest.mark.parametrize(
    "login, audience, region",
    [
        ("login.microsoftonline.com", "batch.core.windows.net", "westeurope.batch.azure.com"),
        (
            "login.microsoftonline.us",
            "batch.core.usgovcloudapi.net",
            "usgovvirginia.batch.usgovcloudapi.net",
        ),
        ("login.chinacloudapi.cn", "batch.chinacloudapi.cn", "chinaeast2.batch.chinacloudapi.cn"),
    ],
)
def test_real_hosts_work_through_the_proxy(monkeypatch, login, audience, region):
    monkeypatch.setenv("HTTPS_PROXY", environment("PROXY"))
    settings = arguments(authority=login, disable_instance_discovery=False)
    batch = BatchClient(
        f"https://contoso.{region}",
        ClientSecretCredential(**settings),
        credential_scopes=[f"https://{audience}//.default"],
    )
    jobs = list(batch.list_jobs())
    assert len(jobs) == JOBS
    assert jobs[0].url.startswith(f"https://contoso.{region}/jobs/")


def test_async_clients_do_the_same():
    async def run():
        async with AsyncClientSecretCredential(**arguments()) as credential:
            async with AsyncBatchClient(environment("BATCH_CONTOSO"), credential) as batch:
                return [job.id async for job in batch.list_jobs(max_results=999)]

    ids = asyncio.run(run())
    assert len(set(ids)) == JOBS


def admin(path, body):
    """Asks the admin port, which is on this machine, so past any proxy."""
    request = urllib.request.Request(environment("ADMIN") + path, json.dumps(body).encode(), method="POST")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request) as answer:
        content = answer.read()
    return json.loads(content) if content else None


def mint(kind, **options):
    return admin("/mint", {"kind": kind, **options})["token"]


def claims_of(token):
    return jwt.decode(token.token, options={"verify_signature": False})


def settings(app):
    return {
        "tenant_id": environment("TENANT"),
        "client_id": environment(app + "_CLIENT_ID"),
        "authority": environment("ENTRA"),
        "disable_instance_discovery": True,
    }


def certificate(app, password=None):
    """Registers a new certificate with the app; answers with it and its key in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "batch.contoso.example")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    admin("/switches", {"certificates": {app: [pem.decode()]}})
    protection = (
        serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    )
    return pem + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
    )


@pytest.mark.parametrize("password", [None, b"not-a-real-password"])
@pytest.mark.parametrize("send_chain", [False, True])
def test_certificate_signs_in_and_lists_jobs(password, send_chain):
    credential = CertificateCredential(
        certificate_data=certificate("certificate", password),
        password=password,
        send_certificate_chain=send_chain,
        **settings("CERTIFICATE"),
    )
    batch = BatchClient(environment("BATCH_SINGLE"), credential)
    assert len(list(batch.list_jobs())) == 3


def test_certificate_that_is_not_registered_is_named_by_its_code():
    pem = certificate("certificate")
    certificate("certificate")
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027.*The key was not found"):
        CertificateCredential(certificate_data=pem, **settings("CERTIFICATE")).get_token(SCOPE)


def test_adfs_takes_a_certificate():
    pem = certificate("certificate")
    values = {**settings("CERTIFICATE"), "tenant_id": "adfs"}
    token = CertificateCredential(certificate_data=pem, **values).get_token(SCOPE)
    assert claims_of(token)["iss"].endswith("/adfs/services/trust")


def test_assertion_signs_in_and_lists_jobs():
    credential = ClientAssertionCredential(func=lambda: mint("assertion"), **settings("FEDERATED"))
    assert len(list(BatchClient(environment("BATCH_SINGLE"), credential).list_jobs())) == 3


@pytest.mark.parametrize(
    "options, code",
    [
        ({"issuer": "https://other.example/"}, "AADSTS700211"),
        ({"subject": "system:serviceaccount:batch:other"}, "AADSTS700213"),
        ({"audience": "api://other"}, "AADSTS700212"),
        ({"expires_in_s": -1}, "AADSTS700024"),
    ],
)
def test_assertion_that_does_not_fit_is_named_by_its_code(options, code):
    credential = ClientAssertionCredential(
        func=lambda: mint("assertion", **options), **settings("FEDERATED")
    )
    with pytest.raises(ClientAuthenticationError, match=code):
        credential.get_token(SCOPE)


def test_workload_identity_reads_its_token_from_a_file(tmp_path):
    file = tmp_path / "token"
    file.write_text(mint("assertion"))
    credential = WorkloadIdentityCredential(token_file_path=str(file), **settings("FEDERATED"))
    assert claims_of(credential.get_token(SCOPE))["appid"] == environment("FEDERATED_CLIENT_ID")


def test_pipeline_signs_in_by_its_service_connection(monkeypatch):
    monkeypatch.setenv("SYSTEM_OIDCREQUESTURI", environment("PIPELINES_OIDC_REQUEST_URI"))

    def credential(access_token):
        return AzurePipelinesCredential(
            service_connection_id=environment("PIPELINES_SERVICE_CONNECTION"),
            system_access_token=access_token,
            **settings("FEDERATED"),
        )

    token = credential(environment("PIPELINES_SYSTEM_ACCESS_TOKEN")).get_token(SCOPE)
    assert claims_of(token)["appid"] == environment("FEDERATED_CLIENT_ID")
    with pytest.raises(ClientAuthenticationError, match="TF400813") as refused:
        credential("wrong").get_token(SCOPE)
    assert refused.value.response.headers["x-vss-e2eid"]


@pytest.mark.parametrize("by_certificate", [False, True])
def test_service_acts_for_each_of_its_users(by_certificate):
    proof = {"client_secret": environment("MIDDLE_TIER_CLIENT_SECRET")}
    for user in ("ALICE", "BOB"):
        if by_certificate:
            proof = {"client_certificate": certificate("middle_tier")}
        assertion = mint(
            "user", object_id=environment(user + "_OBJECT_ID"), upn=environment(user + "_UPN")
        )
        credential = OnBehalfOfCredential(
            user_assertion=assertion, **proof, **settings("MIDDLE_TIER")
        )
        token = credential.get_token(SCOPE)
        assert claims_of(token)["oid"] == environment(user + "_OBJECT_ID")
        assert len(list(BatchClient(environment("BATCH_SINGLE"), credential).list_jobs())) == 3


def test_interaction_that_a_user_owes_is_named_with_its_claims():
    admin("/switches", {"mfa_required": {"middle_tier": True}})
    credential = OnBehalfOfCredential(
        user_assertion=mint("user"),
        client_secret=environment("MIDDLE_TIER_CLIENT_SECRET"),
        **settings("MIDDLE_TIER"),
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS50076"):
        credential.get_token(SCOPE)
    admin("/switches", {"mfa_required": {"middle_tier": False}})
