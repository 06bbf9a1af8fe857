"""Where do people's passwords and second proofs live, if not with us? In two user pools of Cognito.

Only with `SignIn=cognito`: a stage without it has local accounts. Nobody signs up there, nobody
gets mail from there, and nothing of a person is in there but our own id. The ID token lives as long
as `accounts.sessions.SESSION_LIVES`, a step of the sign-in as long as `signing_in.STEP_LIVES`.
Source: CloudFormation, AWS::Cognito::UserPool and AWS::Cognito::UserPoolClient.
"""

from __future__ import annotations

from chalicelib.domain.accounts.sessions import SESSION_LIVES
from chalicelib.domain.accounts.signing_in import STEP_LIVES
from chalicelib.kit.passwords import SHORTEST
from infra.template.intrinsics import Json, ref, sub

#: Whose passwords a pool keeps -> the condition under which it asks for a second proof.
_POOLS = {"Desk": "WithDeskMfa", "Team": "WithTeamMfa"}


def _pool(name: str, with_mfa: str) -> Json:
    return {
        "Type": "AWS::Cognito::UserPool",
        "Condition": "WithCognito",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
        "Properties": {
            "UserPoolName": sub("${AWS::StackName}-" + name.lower()),
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [{"Name": "admin_only", "Priority": 1}]
            },
            "DeletionProtection": {"Fn::If": ["KeepsData", "ACTIVE", "INACTIVE"]},
            "MfaConfiguration": {"Fn::If": [with_mfa, "ON", "OFF"]},
            "EnabledMfas": {"Fn::If": [with_mfa, ["SOFTWARE_TOKEN_MFA"], ref("AWS::NoValue")]},
            # What makes a password good is asked for before it comes here: length, not signs.
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": SHORTEST,
                    "RequireLowercase": False,
                    "RequireNumbers": False,
                    "RequireSymbols": False,
                    "RequireUppercase": False,
                }
            },
        },
    }


def _client(name: str) -> Json:
    """The one client: our own function, which asks with its role."""
    hours = int(SESSION_LIVES.total_seconds()) // 3600
    return {
        "Type": "AWS::Cognito::UserPoolClient",
        "Condition": "WithCognito",
        "Properties": {
            "ClientName": "pages",
            "UserPoolId": ref(f"{name}Pool"),
            "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
            "PreventUserExistenceErrors": "ENABLED",
            "AuthSessionValidity": int(STEP_LIVES.total_seconds()) // 60,
            "IdTokenValidity": hours,
            "AccessTokenValidity": hours,
            # Never used; as short as it may be.
            "RefreshTokenValidity": hours + 1,
            "TokenValidityUnits": {
                "IdToken": "hours",
                "AccessToken": "hours",
                "RefreshToken": "hours",
            },
        },
    }


SIGN_IN: Json = {
    resource: made
    for name, with_mfa in _POOLS.items()
    for resource, made in (
        (f"{name}Pool", _pool(name, with_mfa)),
        (f"{name}PoolClient", _client(name)),
    )
}


def sign_in_environment() -> Json:
    """Which pools there are; empty for local accounts."""
    return {
        variable: {"Fn::If": ["WithCognito", ref(resource), ""]}
        for name in _POOLS
        for variable, resource in (
            (f"{name.upper()}_POOL", f"{name}Pool"),
            (f"{name.upper()}_POOL_CLIENT", f"{name}PoolClient"),
        )
    }
