// Every business of the platform.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Heading, plain, State } from "../ui/bits";
import { Ago } from "../ui/dates";
import { Dialog } from "../ui/dialog";
import { Send, sending, Text, Trouble, useForm } from "../ui/form";
import { Empty } from "../ui/load";
import { Menu } from "../ui/menu";
import { client, ok, type Schemas } from "../ui/problem";
import { Filters, Table, useFilters, useRows } from "../ui/table";
import { attempt, say } from "../ui/toast";

type Tenant = Schemas["TenantRecord"];

const filters = [
  { name: "q", label: "Name or address" },
  { name: "status", label: "Status", options: ["PENDING", "ACTIVE", "SUSPENDED", "CLOSED"].map((one) => [one, plain(one)] as const) },
] as const;

function Suspend({ tenant, onClose, onDone }: { tenant: Tenant; onClose: () => void; onDone: () => void }): VNode {
  const form = useForm({ reason: "" });
  return (
    <Dialog title={`Suspend ${tenant.name}?`} onClose={onClose}>
      <p>Its storefront closes, and its keys and members are refused, at once.</p>
      <form
        onSubmit={sending(async () => {
          if (await form.send((body) => ok(client.POST("/v1/admin/tenants/{tenantId}/suspend", { params: { path: { tenantId: tenant.id } }, body })))) {
            say("Suspended.");
            onDone();
          }
        })}
      >
        <Text form={form} name="reason" label="Why" long required hint="The business reads it in its log." />
        <Trouble form={form} shown={["reason"]} />
        <Send form={form} label="Suspend it" />
      </form>
    </Dialog>
  );
}

export default function Tenants(): VNode {
  const [values] = useFilters(filters);
  const rows = useRows((cursor) => ok(client.GET("/v1/admin/tenants", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })), [JSON.stringify(values)]);
  const suspending = useSignal<Tenant | null>(null);
  const act = async (tenant: Tenant, what: "approve" | "reinstate"): Promise<void> => {
    const params = { params: { path: { tenantId: tenant.id } }, body: {} };
    const done = await attempt(
      () => (what === "approve" ? ok(client.POST("/v1/admin/tenants/{tenantId}/approve", params)) : ok(client.POST("/v1/admin/tenants/{tenantId}/reinstate", params))),
      `${tenant.name} is open.`,
    );
    if (done) await rows.load();
  };
  return (
    <>
      <Heading title="Businesses" intro="Everything that you do to one stands in both logs." />
      <Filters filters={filters} />
      <Table<Tenant>
        caption="Businesses"
        rows={rows}
        idOf={({ id }) => id}
        filtered={Object.keys(values).length > 0}
        empty={<Empty title="No business is open yet" />}
        columns={[
          {
            title: "Name",
            main: true,
            cell: ({ name, subdomain }) => (
              <>
                {name}
                <br />
                <span class="quiet">{subdomain}</span>
              </>
            ),
          },
          { title: "Status", cell: ({ status }) => <State of={status} /> },
          { title: "Verified", cell: ({ kybStatus }) => (kybStatus === "NONE" ? <span class="quiet">no</span> : <State of={kybStatus} />) },
          { title: "Currency", cell: ({ displayCurrency }) => displayCurrency },
          { title: "Opened", cell: ({ createdAt }) => <Ago at={createdAt} zone="UTC" /> },
          {
            title: "",
            cell: (tenant) => (
              <Menu
                label={`Actions for ${tenant.name}`}
                actions={[
                  tenant.status === "PENDING" && { label: "Approve", act: () => void act(tenant, "approve") },
                  (tenant.status === "SUSPENDED" || tenant.status === "CLOSED") && { label: "Reinstate", act: () => void act(tenant, "reinstate") },
                  tenant.status === "ACTIVE" && { label: "Suspend …", danger: true, act: () => (suspending.value = tenant) },
                ]}
              />
            ),
          },
        ]}
      />
      {suspending.value && (
        <Suspend
          tenant={suspending.value}
          onClose={() => (suspending.value = null)}
          onDone={() => {
            suspending.value = null;
            void rows.load();
          }}
        />
      )}
    </>
  );
}
