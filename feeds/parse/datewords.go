package parse

import "strings"

// monthNames holds the months of the languages that feeds write dates in, in
// full and as they are shortened, in lower case.
var monthNames = table(
	"jan january januar januari janvier janv enero ene gennaio gen janeiro janeiro. jän jänner januára ledna leden stycznia styczeń sty "+
		"янв январь января січ січня ιαν ιανουάριος ιανουαρίου ocak oca január tammikuu tammi ianuarie ian يناير ژانویه led gener ינואר בינואר януари جانفي",
	"feb february februar februari février févr fév fevr febrero febbraio fevereiro fev února únor lutego luty lut "+
		"фев февраль февраля лют лютого φεβ φεβρουάριος φεβρουαρίου şubat şub február helmikuu helmi februarie februári فبراير فوریه úno febrer פברואר בפברואר февруари شباط فيفري",
	"mar march märz mär mrz maart mrt mars marzo março marco mars. března březen marca marzec "+
		"мар март марта бер березня μάώ μαώ μαρ μάρ μάρτιος μαρτίου mart március márc maaliskuu maalis martie marts مارس bře març מרץ במרץ آذار",
	"apr april avril avr abril abr aprile dubna duben kwietnia kwiecień kwi "+
		"апр апрель апреля кві квітня απρ απρίλιος απριλίου nisan nis április ápr huhtikuu huhti aprilie أبريل آوریل dub אפריל באפריל نيسان أفريل",
	"may mai mei mayo maggio mag maio mag. května květen maja maj "+
		"май мая трав травня μαι μαϊ μαΐ μάι μάιος μάϊος μαΐου mayıs május máujus máj toukokuu touko مايو مه kvě maig מאי במאי أيار ماي",
	"jun june juni juin junio giugno giu junho června červen czerwca czerwiec cze "+
		"июн июнь июня чер червня ιουν ιον ιούν ιούνιος ιουνίου haziran haz június jún kesäkuu kesä iunie iun يونيو ژوئن čvn juny יוני ביוני юни حزيران جوان",
	"jul july juli juillet juil julio luglio lug julho července červenec lipca lipiec lip "+
		"июл июль июля лип липня ιουλ ιολ ιούλ ιούλιος ιουλίου temmuz tem július júl heinäkuu heinä iulie iul يوليو ژوئیه čvc juliol יולי ביולי юли تموز جويلية",
	"aug august augustus août aoû aout agosto ago srpna srpen sierpnia sierpień sie "+
		"авг август августа сер серпня αυγ αύγ αύγουστος αυγούστου ağustos ağu augusztus elokuu elo أغسطس اوت augusti agustus agu agost srp אוגוסט באוגוסט آب أوت",
	"sep sept september septembre septiembre settembre set setembro září września wrzesień wrz "+
		"сен сент сентябрь сентября вер вересня σεπ σεπτ σεπτέμβριος σεπτεμβρίου eylül eyl szeptember szept syyskuu syys septembrie سبتمبر سپتامبر setembre zář ספטמבר בספטמבר септември أيلول",
	"oct october oktober okt octobre octubre ottobre ott outubro out října říjen października październik paź "+
		"окт октябрь октября жов жовтня οκτ οκτώβριος οκτωβρίου ekim eki október lokakuu loka octombrie أكتوبر اکتبر říj אוקטובר באוקטובר октомври",
	"nov november novembre noviembre novembro listopadu listopad listopada lis "+
		"ноя нояб ноябрь ноября лис листопада νοε νοέ νοέμβριος νοεμβρίου kasım kas marraskuu marras noiembrie noi نوفمبر نوامبر נובמבר בנובמבר ноември",
	"dec december dezember dez décembre déc diciembre dic dicembre dezembro prosince prosinec grudnia grudzień gru "+
		"дек декабрь декабря гру грудня δεκ δεκέμβριος δεκεμβρίου aralık ara joulukuu joulu decembrie desember des ديسمبر دسامبر desembre pro דצמבר בדצמבר декември",
)

func table(months ...string) map[string]int {
	m := make(map[string]int, 400)
	for i, names := range months {
		for _, name := range strings.Fields(names) {
			if _, ok := m[name]; !ok {
				m[name] = i + 1
			}
		}
	}
	return m
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// weekdayNames are passed over: feeds get them wrong too often.
var weekdayNames = set(`mon tue tues wed weds thu thur thurs fri sat sun monday tuesday wednesday thursday friday saturday sunday
	mo di mi do fr sa so montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
	lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche
	mié mie jue vie sáb sab dom lunes martes miércoles jueves viernes sábado domingo
	gio lunedì martedì mercoledì giovedì venerdì sabato domenica
	seg ter qua qui sex segunda terça quarta quinta sexta feira
	ma wo vr za zo maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
	pon wt śr sr czw pt sob niedz nie poniedziałek wtorek środa czwartek piątek sobota niedziela
	пн вт ср чт пт сб вс нд понедельник вторник среда четверг пятница суббота воскресенье пон втр сре чет пят суб вос
	κυρ δευ τρι τετ πεμ παρ σαβ κυριακή δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο
	pzt sal çar per cum cmt paz pazartesi salı çarşamba perşembe cuma cumartesi pazar
	hét kedd sze csüt pén szo vas hétfő szerda csütörtök péntek szombat vasárnap
	po út st čt pá so ne pondělí úterý středa čtvrtek pátek neděle
	man tir ons tor fre lør søn lör sön mandag tirsdag onsdag torsdag fredag lørdag søndag måndag tisdag lördag söndag
	maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai luni marți miercuri joi vineri sâmbătă duminică
	月 火 水 木 金 土 日 월 화 수 목 금 토 일 星期一 星期二 星期三 星期四 星期五 星期六 星期日 월요일 화요일 수요일 목요일 금요일 토요일 일요일`)

// fillers stand between the parts of a date and say nothing.
var fillers = set(`alle ore del las às в o'clock at of the on le à a de del den der um uhr kl klo kello o clock saat t um. m. г года р року`)

// lastZones are names that are zones only at the end of a date and in capitals:
// Atlantic time, and the letters of RFC 822, which RSS refers to.
var lastZones = hours(map[string]float64{"at": -4,
	"a": -1, "b": -2, "c": -3, "d": -4, "e": -5, "f": -6, "g": -7, "h": -8, "i": -9, "k": -10, "l": -11, "m": -12,
	"n": 1, "o": 2, "p": 3, "q": 4, "r": 5, "s": 6, "t": 7, "u": 8, "v": 9, "w": 10, "x": 11, "y": 12})

// zones are the names that feeds write for the offset from UTC, in seconds. Of
// the names that mean several places (CST, IST, BST) the one that feeds mostly
// mean.
var zones = hours(map[string]float64{
	"z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "mez": 1, "cest": 2, "mest": 2, "mesz": 2, "sast": 2,
	"eet": 2, "eest": 3, "msk": 3, "msd": 4, "trt": 3, "irst": 3.5, "irdt": 4.5, "gst": 4, "azt": 4, "pkt": 5, "uzt": 5, "ist": 5.5, "npt": 5.75,
	"bdt": 6, "mmt": 6.5, "ict": 7, "wib": 7, "hkt": 8, "sgt": 8, "myt": 8, "pht": 8, "awst": 8, "wita": 8, "jst": 9, "kst": 9, "wit": 9,
	"acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "est": -5, "edt": -4, "et": -5, "cst": -6, "cdt": -5, "ct": -6,
	"mst": -7, "mdt": -6, "mt": -7, "pst": -8, "pdt": -7, "pt": -8, "akst": -9, "akdt": -8, "hst": -10, "ast": -4, "adt": -3, "nst": -3.5,
	"ndt": -2.5, "brt": -3, "art": -3, "clt": -4, "clst": -3, "cot": -5, "pet": -5, "cat": 2, "eat": 3, "wat": 1,
})

func hours(h map[string]float64) map[string]int {
	m := make(map[string]int, len(h))
	for name, v := range h {
		m[name] = int(v * 3600)
	}
	return m
}
