package demo

// Outlets are the six that the sample day is told by.
var outlets = []outlet{
	{"courier", "Muscat Courier", "en", "state"},
	{"harbour", "The Harbour Post", "en", "independent"},
	{"meridian", "Meridian Wire", "en", "wire"},
	{"ledger", "The Atlantic Ledger", "en", "independent"},
	{"bamdad", "بامداد", "fa", "state"},
	{"safheh", "صفحه یک", "fa", "exile"},
}

// before stood in the feeds before anyone looked: the baseline.
var before = []entry{
	{"18:20", "courier", "Oman's foreign ministry prepares a palace for Friday's guests", "Two delegations will be kept in separate wings, an official said, and notes will be carried across a courtyard."},
	{"19:05", "harbour", "Iran and the United States agree on a place: Muscat, not Istanbul", "Iranian and American officials settled late on Wednesday on Oman for their talks."},
	{"20:10", "meridian", "Oil tankers keep to the Omani side of the Strait of Hormuz", "Masters spoke of radio calls from patrol boats; none was stopped on Wednesday."},
	{"20:40", "ledger", "Library in Boston reopens its map room", "After three years of work the reading room shows charts of the Indian Ocean."},
	{"21:15", "bamdad", "تیم ملی فوتسال به فینال جام آسیا رسید", "تیم ملی فوتسال ایران در نیمه‌نهایی با نتیجه چهار بر دو پیروز شد."},
	{"21:30", "safheh", "آلودگی هوا مدرسه‌های اراک را تعطیل کرد", "کلاس‌ها شنبه غیرحضوری برگزار می‌شود."},
}

// day is what they publish while we look, in order: one affair with copies,
// rewrites and developments, and items of the same people that are not news
// of it.
var day = []entry{
	{"06:40", "courier", "Iranian and American envoys arrive in Muscat for nuclear talks", "Abbas Araghchi landed before dawn; Steve Witkoff and Jared Kushner followed from Doha. Oman's foreign minister, Badr Albusaidi, will carry messages between the two rooms."},
	{"07:05", "ledger", "Iran's futsal players beat Japan to keep the Asian Cup", "The final in Jakarta went to penalties after a five-all draw. American coaches had watched the side train."},
	{"07:30", "meridian", "Iranian, American envoys arrive in Muscat for nuclear talks", "Abbas Araghchi landed before dawn; Steve Witkoff and Jared Kushner followed from Doha. Oman's foreign minister, Badr Albusaidi, will carry messages between the two rooms, the ministry said."},
	{"08:10", "bamdad", "عراقچی وارد مسقط شد؛ مذاکرات غیرمستقیم ایران و آمریکا امروز آغاز می‌شود", "وزیر امور خارجه ایران بامداد جمعه وارد پایتخت عمان شد. وزیر خارجه عمان پیام‌های دو هیئت را میان دو اتاق جابه‌جا می‌کند."},
	{"08:45", "harbour", "Tanker traffic thins in the Gulf of Oman after a week of near misses", "Insurers raised their rates for American-flagged ships. Iranian patrol boats had hailed one of them on Tuesday."},
	{"09:20", "meridian", "Indirect Iran-U.S. nuclear talks begin in Muscat with Oman in between", "A first paper went from the Iranian room to the American one at ten o'clock, an Omani official said. The head of U.S. Central Command sat with the American side."},
	{"09:45", "harbour", "In a Muscat palace, Iran and America begin to talk through an Omani", "Talks on Iran's nuclear programme began on Friday morning. Badr Albusaidi walked the first paper from one wing to the other; an American admiral sat beside Steve Witkoff."},
	{"10:20", "safheh", "گفت‌وگوهای غیرمستقیم ایران و آمریکا در مسقط آغاز شد", "نخستین متن از اتاق هیئت ایرانی به اتاق هیئت آمریکایی برده شد. فرمانده سنتکام نیز در هیئت آمریکایی حضور دارد."},
	{"10:50", "ledger", "Iran talks: an admiral at the table is a message of its own", "Opinion. Washington seated the head of Central Command with its envoys in Muscat. Tehran noticed."},
	{"11:30", "courier", "Oman raises the wages of teachers from March", "The council of ministers approved the rise on Thursday. Unions had asked for more."},
	{"12:15", "meridian", "U.S. tells its citizens to leave Iran now", "The virtual embassy for Iran said Americans should go by land to Armenia or Turkey if it is safe. It did not speak of the talks."},
	{"13:05", "meridian", "Iran and U.S. agree to go on after three rounds of messages in Muscat talks", "Araghchi called it a good start. Both delegations agreed to report home before they settle on a date for another round, he told state television."},
	{"13:40", "courier", "Muscat talks on Iran's nuclear file pause after three rounds of messages", "Oman's foreign minister called the exchanges very serious. The delegations will report to Tehran and Washington before a next round is fixed."},
	{"14:10", "ledger", "‘A good start’: Araghchi says Muscat talks with the U.S. pause for consultations", "The Iranian minister said both delegations will report home before a date is settled for another round. Three times papers crossed the courtyard on Friday."},
	{"14:35", "bamdad", "عراقچی: مذاکرات با آمریکا در مسقط شروع خوبی بود", "وزیر امور خارجه گفت دو هیئت برای رایزنی به پایتخت‌ها بازمی‌گردند و زمان دور بعدی سپس تعیین می‌شود."},
	{"15:20", "meridian", "U.S. sanctions 15 firms and 14 ships over Iran's oil hours after Muscat talks", "The State Department named traders in five countries. The step came hours after the envoys had left the palace."},
	{"15:50", "harbour", "Hours after talks in Oman, Washington puts sanctions on Iran's oil shippers", "Fifteen firms and fourteen tankers are on the list that the State Department published on Friday."},
	{"16:25", "safheh", "آمریکا ساعاتی پس از مذاکرات مسقط ۱۵ شرکت نفتی مرتبط با ایران را تحریم کرد", "وزارت خارجه آمریکا چهارده نفتکش را نیز در فهرست تحریم‌ها گذاشت."},
	{"16:50", "harbour", "Iran rejects an end to enrichment after Muscat talks with U.S., Araghchi says", "Enrichment on Iranian soil is a right that Tehran refuses to give up, the minister told a broadcaster on Friday; missiles were not on the table."},
	{"17:05", "ledger", "Crude slips as traders weigh a quiet weekend", "Brent closed a little lower. Dealers spoke of Iran, of stocks and of the weather."},
	{"17:45", "bamdad", "تمرین تیم ملی والیبال پیش از سفر به آمریکا", "سرمربی تیم ملی فهرست پانزده بازیکن را اعلام کرد."},
	{"18:30", "meridian", "Trump calls Iran talks in Muscat very good, says they meet again next week", "Speaking on his plane, the president said Iran wants a deal very badly. He gave neither a place nor a day."},
	{"19:00", "courier", "Trump says talks with Iran were very good and will resume early next week", "Oman has offered to host again, the foreign ministry said on Friday evening. The president spoke to reporters on his plane."},
	{"19:25", "safheh", "ترامپ: مذاکرات با ایران بسیار خوب بود و هفته آینده ادامه می‌یابد", "رئیس‌جمهوری آمریکا در هواپیما به خبرنگاران گفت ایران خواهان توافق است."},
}
