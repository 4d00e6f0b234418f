"""The public pages' style sheet: system fonts, light and dark, tables that become cards on a phone."""

STYLE = """
:root{color-scheme:light dark;--ink:#1d2327;--soft:#55606a;--line:#d5dce0;--paper:#fff;--tint:#eff4f6;--accent:#17506b}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaec;--soft:#a7b2b9;--line:#38434a;--paper:#15191c;--tint:#1f262b;
--accent:#8cc5de}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);overflow-wrap:break-word;
font:1.0625rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main{max-width:44rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.25rem}
main{padding-bottom:4rem}
.bar{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;border-bottom:1px solid var(--line);
padding-bottom:.75rem}
.name{font-weight:600;color:var(--accent)}
h1{font-size:clamp(1.75rem,6vw,2.5rem);line-height:1.2;margin:2rem 0 .25rem;text-wrap:balance}
h2{font-size:1.25rem;line-height:1.3;margin:2.5rem 0 .5rem;color:var(--accent)}
p{margin:.5rem 0}
.edition{color:var(--soft);margin:0 0 1.5rem}
.intro{font-size:1.1875rem}
a{color:var(--accent);text-underline-offset:.15em}
a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
ul,ol{padding-left:1.25rem;margin:.5rem 0}
li{margin:.4rem 0;padding-left:.25rem}
ol{list-style:none;counter-reset:step;padding:0}
ol>li{counter-increment:step;position:relative;padding:0 0 1rem 3rem;margin:0}
ol>li::before{content:counter(step);position:absolute;left:0;top:0;width:1.9rem;height:1.9rem;line-height:1.9rem;
border-radius:50%;background:var(--accent);color:var(--paper);text-align:center;font-weight:600;font-size:.9375rem}
ol>li:not(:last-child)::after{content:"";position:absolute;left:.9rem;top:2.2rem;bottom:.3rem;width:2px;
background:var(--line)}
.limit{display:block;color:var(--soft);margin-top:.25rem}
table{width:100%;border-collapse:collapse;margin:.75rem 0}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line)}
thead th{font-size:.875rem;color:var(--soft)}
tbody th{font-weight:600}
.pairs th{width:40%;font-weight:400;color:var(--soft)}
.contact{background:var(--tint);border-radius:.75rem;padding:.25rem 1.25rem 1rem;margin-top:3rem}
.contact h2{margin-top:1rem}
.contact tr:last-child>*{border:0}
@media (max-width:36rem){.targets thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
.targets tr{display:block;border-bottom:1px solid var(--line);padding:.75rem 0}
.targets th,.targets td{display:block;border:0;padding:.1rem 0}
.targets td::before{content:attr(data-label) ": ";color:var(--soft)}}
@media print{body{font-size:11pt}nav{display:none}}
""".strip().replace("\n", "")
