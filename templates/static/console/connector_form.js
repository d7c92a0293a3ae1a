/* Settings that apply only with certain values of another one are hidden without them.
   Without this script all are shown, with the condition beside each. */
"use strict";
(() => {
    const named = (name) => document.querySelector(`[name="${CSS.escape(name)}"]`);
    const rowOf = (field) => field.closest(".form-row") ?? field;

    function held(name) {
        const field = named(name);
        return field?.type === "checkbox" ? String(field.checked) : field?.value;
    }

    function applies(field) {
        const by = field.dataset.shownBy;
        if (!by) return true;
        const wanted = JSON.parse(field.dataset.shownWith).map(String);
        const other = named(by);
        return wanted.includes(held(by)) && (!other || applies(other));
    }

    function arrange() {
        for (const field of document.querySelectorAll("[data-shown-by]")) {
            const row = rowOf(field);
            const refused = row.querySelector(".errorlist") !== null;
            row.classList.toggle("pv-hidden", !refused && !applies(field));
        }
    }

    document.addEventListener("change", arrange);
    document.addEventListener("DOMContentLoaded", arrange);
})();
