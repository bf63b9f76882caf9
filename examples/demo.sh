#!/bin/sh
# Lists the jobs that have not completed of the emulator's account. Run by `make demo`, inside the emulator's --run.
set -eu
export AZURE_TENANT_ID="$EMULATOR_TENANT" AZURE_CLIENT_ID="$EMULATOR_CLIENT_ID"
export AZURE_CLIENT_SECRET="$EMULATOR_CLIENT_SECRET"
export AZURE_AUTHORITY_HOST="$EMULATOR_ENTRA" BATCH_CA_BUNDLE="$EMULATOR_CA"
echo "signing in at $EMULATOR_ENTRA, listing the jobs of $EMULATOR_BATCH_CONTOSO"
exec "$1" "$EMULATOR_BATCH_CONTOSO" "state ne 'completed'"
