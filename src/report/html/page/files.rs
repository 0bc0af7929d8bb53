//! The table of all rows: what the program fills.

use crate::report::html::html;

pub(super) fn section(deed: &str) -> String {
    let deed = html(deed);
    format!(
        r#"<section id="files" aria-labelledby="files-title">
<h2 id="files-title">Files</h2>
<noscript><p class="note">The table of all files needs a browser that runs the scripts of this page. Everything above
is complete without them; the rows are in the other reports, too: <code>--report FILE.tsv</code>.</p></noscript>
<p class="note" id="unreadable" role="alert" hidden></p>
<div id="filters" role="search" aria-label="Filter the table" hidden>
<label class="wide">Path <input id="search" type="search" placeholder="part of a path" spellcheck="false"
autocomplete="off"></label>
<label>State <select id="by-state"></select></label>
<label><span class="word">{deed}</span> <select id="by-deed"></select></label>
<label>Finding <select id="by-finding"></select></label>
<label>Decision <select id="by-cause"></select></label>
<label class="wide">Folder <input id="by-folder" type="text" list="folder-names" placeholder="any folder"
spellcheck="false" autocomplete="off"></label>
<datalist id="folder-names"></datalist>
<button type="button" id="clear">Clear</button>
</div>
<div id="actions" hidden>
<p id="shown" role="status"></p>
<button type="button" id="save-tsv">Save rows as TSV</button>
<button type="button" id="save-list">Save list for --files-from</button>
</div>
<p class="keys" id="keys" hidden>Arrow keys move from row to row, Enter opens the details, Escape closes them.</p>
<div id="table"></div>
<table id="printed"></table>
<dialog id="details" aria-labelledby="details-path"></dialog>
</section>
"#
    )
}
