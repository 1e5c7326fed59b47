// What a tenant sells, made by its API.

/** An offering that can be booked by the hour, one at a time, every day. `hours` null: it is never open. */
export async function makeRoom(api, fields = {}, { hours = ['08:00', '20:00'], slotMinutes = 60, capacity = 1 } = {}) {
  const offering = await api('POST', '/v1/api/offerings', {
    title: 'Test Room', productTypeKey: 'space', basePriceCents: 5000, currency: 'EUR', status: 'PUBLISHED', autoApprove: true,
    timeZone: 'Europe/Berlin', ...fields,
  });
  for (let dayOfWeek = 0; hours && dayOfWeek < 7; ++dayOfWeek)
    await api('POST', `/v1/provider/offerings/${offering.id}/availability/rules`,
      { dayOfWeek, startTime: hours[0], endTime: hours[1], slotMinutes, capacity });
  return offering;
}

/** The nth free slot of an offering within the next month. */
export async function freeSlot(server, subdomain, slug, n = 0) {
  const date = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const { slots } = await server.call('GET', `/v1/public/${subdomain}/offerings/${slug}/slots?from=${date(1)}&to=${date(31)}`, undefined, null);
  return slots[n];
}

/** A booking made by a visitor: `{booking, manageToken}`. */
export async function book(server, subdomain, offering, slot, fields = {}) {
  return server.call('POST', `/v1/public/${subdomain}/bookings`, {
    offeringId: offering.id, startsAt: slot.startsAt, endsAt: slot.endsAt,
    customer: { name: 'Ada Lovelace', email: 'ada@example.com' }, ...fields,
  }, null);
}

/** Many bookings from one address are not suspicious here. */
export async function trustVisitors(api) {
  const { risk } = await api('GET', '/v1/provider/settings');
  await api('PATCH', '/v1/provider/settings', { risk: { ...risk, weights: risk.weights.map((weight) => ({ ...weight, points: 0 })) } });
}
