using Evaluate.Data;
using Evaluate.Measuring;
using TorchSharp;
using TransferLearning;
using TransferLearning.Adversarial;
using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.Selection;
using TransferLearning.Settings;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace Evaluate.Tables;

/// <summary>Small networks on features of images: two domains are labeled sources, the third is the target.</summary>
internal static class SeveralSources
{
    private const int Sources = 2;
    private const int BranchWidth = 64;
    private const string Plain = "ERM, both sources";

    /// <summary>Photographs, paintings and cartoons of PACS (Li 2017) by ResNet-18.</summary>
    public static EvaluationTable Pacs(string data) =>
        Table(
            "pacs-sources",
            "PACS, two sources, networks on ResNet-18 features",
            "512 features of photographs (P), paintings (A) and cartoons (C), rows of length sqrt(512).",
            PacsFeatures.Domains.Select(name => (PacsFeatures.Letter(name), name)).ToList(),
            PacsFeatures.Reader(data),
            seed => PacsFeatures.NewNetworks(seed)
        );

    /// <summary>Shop pictures, Caltech's and a web camera's by SqueezeNet (Saenko 2010, Griffin 2007).</summary>
    public static EvaluationTable Office(string data)
    {
        const int Classes = 10;
        var archive = new LabeledArchive(Path.Combine(data, "office_caltech", "squeezenet512_acw.npz"), Classes);
        return Table(
            "office-sources",
            "Office-Caltech, two sources, networks on SqueezeNet features",
            "512 features of Amazon's shop (A), Caltech-256 (C) and a web camera (W), rows of length sqrt(512).",
            [('A', "amazon"), ('C', "caltech"), ('W', "webcam")],
            name => archive.Features(name, PacsFeatures.Scaled),
            seed => new Networks(seed, 512, Classes)
        );
    }

    private static EvaluationTable Table(
        string name,
        string title,
        string what,
        IReadOnlyList<(char Letter, string Name)> domains,
        Func<string, LabeledDomain> read,
        Func<long, Networks> networks
    )
    {
        var tasks = domains.Select(target => new EvaluationTask(
            $"to {target.Letter}",
            _ =>
            {
                LabeledDomain[] sources = [.. domains.Where(it => it != target).Select(it => read(it.Name))];
                return new TaskData(sources[0], read(target.Name)) { Sources = sources };
            }
        ));
        return new EvaluationTable(
            name,
            title,
            what
                + " Two domains are labeled sources, the third is the target, whose rows are seen without labels and "
                + "judged (transductive). Extractor: linear 512 to 256, ReLU, dropout 0.5; classifier: linear 256 to "
                + "the classes; critics: 256, 256, 1 for each source, or one with 3 outputs. 40 epochs of batches of "
                + "64 from each domain, Adam at 0.001, the last epoch, three seeds. Every method is its recipe with "
                + "its defaults; nothing was chosen on these data. SourceRanking says which source is the nearer one, "
                + "from inputs alone; \"weighed by nearness\" is one domain of all rows with its weights, in batches "
                + "of 128. MFSAN's branches: linear 256 to 64, ReLU, linear 64 to the classes, first trained 40 "
                + "epochs without alignment; the row of its branches alone ends there. DECISION has a network for "
                + "each source, trained on it for 40 epochs with smoothed labels, then the target alone for 40; the "
                + "row above it is the mean of the networks' scores before. DANN, DSAN and MCC know of several "
                + "sources only that each gives a batch.",
            Measure.Accuracy,
            [.. tasks],
            [.. Alone(), .. Together(), .. Apart()]
        )
        {
            Seeds = 3,
            Baseline = Plain,
        };

        EvaluationMethod Method(
            string method,
            Func<Networks, TaskData, FitOptions, CancellationToken, AdaptedModel> fit
        ) => new(method, (task, options, stop) => fit(networks(options.Seed), task, Trained(options), stop));

        EvaluationMethod Adapted(string method, Func<Networks, AdaptationBuilder> chain) =>
            Method(
                method,
                (it, task, options, stop) =>
                    chain(it).Fit(task.Sources, task.Target.WithoutLabels(), options, null, stop)
            );

        IEnumerable<EvaluationMethod> Alone() =>
            [
                Method(Plain, (it, task, options, stop) => Erm(it).FitWithoutTarget(task.Sources, options, null, stop)),
                Method("ERM, the nearer source alone", (it, task, options, stop) => OfOne(it, task, 0, options, stop)),
                Method("ERM, the other source alone", (it, task, options, stop) => OfOne(it, task, 1, options, stop)),
                Method(
                    "ERM, weighed by nearness",
                    (it, task, options, stop) =>
                        Erm(it)
                            .FitWithoutTarget(
                                [SourceRanking.Pool(task.Sources, Ranked(task, options))],
                                Trained(options, Sources),
                                null,
                                stop
                            )
                ),
            ];

        IEnumerable<EvaluationMethod> Together() =>
            [
                Adapted("DANN", it => Recipes.Dann(it.Extractor, it.Predictor, it.Critic())),
                Adapted("DSAN", it => Recipes.Dsan(it.Extractor, it.Predictor)),
                Adapted("MCC", it => Recipes.Mcc(it.Extractor, it.Predictor)),
            ];

        IEnumerable<EvaluationMethod> Apart() =>
            [
                Adapted("M3SDA", it => Recipes.M3sda(it.Extractor, it.Predictor)),
                Adapted("MDAN, soft", it => Mdan(it, SourceCombination.Soft)),
                Adapted("MDAN, hard", it => Mdan(it, SourceCombination.Hard)),
                Adapted("CoDATS", it => Recipes.Codats(it.Extractor, it.Predictor, DomainCritic(it))),
                Method("MFSAN, branches alone", (it, task, options, stop) => Branched(it, task, options, false, stop)),
                Method("MFSAN", (it, task, options, stop) => Branched(it, task, options, true, stop)),
                Method("source models, mean", (it, task, options, stop) => OfModels(it, task, options, false, stop)),
                Method("DECISION", (it, task, options, stop) => OfModels(it, task, options, true, stop)),
            ];
    }

    private static FitOptions Trained(FitOptions options, int sources = 1) =>
        options with
        {
            Training = new TrainingOptions { Epochs = 40, BatchSize = 64 * sources },
        };

    private static AdaptationBuilder Erm(Networks it) => Recipes.Erm(it.Extractor, it.Predictor);

    private static AdaptedModel OfOne(
        Networks it,
        TaskData task,
        int place,
        FitOptions options,
        CancellationToken stop
    ) => Erm(it).FitWithoutTarget([task.Sources[Ranked(task, options)[place].Source]], options, null, stop);

    private static IReadOnlyList<RankedSource> Ranked(TaskData task, FitOptions options) =>
        new SourceRanking { Seed = options.Seed }.Of(task.Sources, task.Target.WithoutLabels());

    private static AdaptationBuilder Mdan(Networks it, SourceCombination combination) =>
        Recipes.Mdan(
            it.Extractor,
            it.Predictor,
            [.. Enumerable.Range(0, Sources).Select(_ => it.Critic())],
            combination
        );

    private static ModulePart DomainCritic(Networks it) =>
        new(() => nn.Sequential(nn.Linear(it.Width, it.Width), nn.ReLU(), nn.Linear(it.Width, Sources + 1)));

    private static AdaptedModel Branched(
        Networks it,
        TaskData task,
        FitOptions options,
        bool isAligned,
        CancellationToken stop
    )
    {
        var branches = new SourceBranches([
            .. Enumerable
                .Range(0, Sources)
                .Select(_ =>
                    (
                        (IFeatureExtractor)
                            new ModulePart(() => nn.Sequential(nn.Linear(it.Width, BranchWidth), nn.ReLU())),
                        (ILabelPredictor)new ModulePart(() => nn.Linear(BranchWidth, it.Classes))
                    )
                ),
        ]);
        var target = task.Target.WithoutLabels();
        var alone = Recipes.Mfsan(it.Extractor, branches, 0, 0).Fit(task.Sources, target, options, null, stop);
        if (!isAligned)
        {
            return alone;
        }

        alone.Dispose();
        return Recipes.Mfsan(it.Extractor, branches).Fit(task.Sources, target, options, null, stop);
    }

    private static AdaptedModel OfModels(
        Networks it,
        TaskData task,
        FitOptions options,
        bool isAdapted,
        CancellationToken stop
    )
    {
        var models = task
            .Sources.Select((_, i) => i == 0 ? (it.Extractor, it.Predictor) : (it.NewExtractor(), it.NewPredictor()))
            .ToList();
        foreach (var ((extractor, predictor), source) in models.Zip(task.Sources))
        {
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy { LabelSmoothing = 0.1 }))
                .FitWithoutTarget([source], options, null, stop)
                .Dispose();
        }

        var networks = new ParallelBranches([.. models.Select(model => Module(model.Item1))]);
        var mixture = new SourceMixture([.. models.Select(model => Module(model.Item2))]);
        return isAdapted
            ? Recipes
                .Decision(networks, mixture)
                .FitSourceFree(task.Target.WithoutLabels(), task.Source.Space, options, null, stop)
            : new AdaptedModel(networks.AsPart(), mixture.AsPart());
    }

    private static nn.Module<Tensor, Tensor> Module(ModulePart part) => (nn.Module<Tensor, Tensor>)part.Module;
}
