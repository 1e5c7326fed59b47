// What customers have written, and the one reply to each.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";

import { Heading } from "../../ui/bits";
import { Ago } from "../../ui/dates";
import { Dialog } from "../../ui/dialog";
import { Send, sending, Text, Trouble, useForm } from "../../ui/form";
import { Empty } from "../../ui/load";
import { client, ok, type Schemas } from "../../ui/problem";
import { Filters, Table, useFilters, useRows } from "../../ui/table";
import { say } from "../../ui/toast";
import { zone } from "../session";

type Review = Schemas["Review"];

const filters = [
  { name: "replied", label: "Answered", options: [["false", "Not yet"], ["true", "Yes"]] as const },
  { name: "rating", label: "Stars", options: ["5", "4", "3", "2", "1"].map((one) => [one, one] as const) },
] as const;

export function Stars({ of }: { of: number }): VNode {
  return (
    <span class="stars">
      <span aria-hidden="true">{"★".repeat(of) + "☆".repeat(5 - of)}</span>
      <span class="sr">{of} of 5 stars</span>
    </span>
  );
}

function Reply({ review, onClose, onDone }: { review: Review; onClose: () => void; onDone: () => void }): VNode {
  const form = useForm({ text: "" });
  return (
    <Dialog title={`Reply to ${review.author}`} onClose={onClose}>
      <blockquote>
        <Stars of={review.rating} /> {review.title && <strong>{review.title}</strong>}
        <p>{review.text}</p>
      </blockquote>
      <form
        onSubmit={sending(async () => {
          if (await form.send((body) => ok(client.POST("/v1/provider/reviews/{id}/reply", { params: { path: { id: review.id } }, body })))) {
            say("Your reply stands below the review.");
            onDone();
          }
        })}
      >
        <Text form={form} name="text" label="Reply" long required hint="Everybody reads it, and it can't be changed." />
        <Trouble form={form} shown={["text"]} />
        <Send form={form} label="Reply" />
      </form>
    </Dialog>
  );
}

export default function Reviews(): VNode {
  const [values] = useFilters(filters);
  const replying = useSignal<Review | null>(null);
  const rows = useRows((cursor) => ok(client.GET("/v1/provider/reviews", { params: { query: { ...values, ...(cursor && { cursor }) } as never } })), [JSON.stringify(values)]);
  return (
    <>
      <Heading title="Reviews" intro="Written by people who have booked. You can answer each once." />
      <Filters filters={filters} />
      <Table<Review>
        caption="Reviews"
        rows={rows}
        idOf={({ id }) => id}
        filtered={Object.keys(values).length > 0}
        empty={
          <Empty title="No reviews yet">
            <p>Customers can write one once their booking is over.</p>
          </Empty>
        }
        columns={[
          {
            title: "Review",
            main: true,
            cell: ({ title, text, author, reply }) => (
              <div class="story">
                <strong>{title ?? author}</strong>
                {text && <p>{text}</p>}
                {reply && <blockquote>{reply}</blockquote>}
              </div>
            ),
          },
          { title: "Stars", cell: ({ rating }) => <Stars of={rating} /> },
          { title: "By", cell: ({ author, bookingId }) => <a href={`/provider/bookings/${bookingId}`}>{author}</a> },
          { title: "Written", cell: ({ createdAt }) => <Ago at={createdAt} zone={zone()} /> },
          {
            title: "",
            cell: (review) =>
              review.reply === null && (
                <button type="button" class="second" aria-label={`Reply to ${review.author}`} onClick={() => (replying.value = review)}>
                  Reply
                </button>
              ),
          },
        ]}
      />
      {replying.value && (
        <Reply
          review={replying.value}
          onClose={() => (replying.value = null)}
          onDone={() => {
            replying.value = null;
            void rows.load();
          }}
        />
      )}
    </>
  );
}
