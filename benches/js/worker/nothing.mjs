/** A Worker that verifies nothing. */
export default {
  fetch() {
    return new Response("hello");
  },
};
