using TransferLearning.Adversarial;
using TransferLearning.Instance;
using TransferLearning.Objectives;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

/// <summary>Every adversarial term takes every critic's loss, and warns of a critic that nobody moves.</summary>
public sealed class CriticLossTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;
    private readonly ModulePart critic;
    private readonly ModulePart second;
    private readonly ModulePart joint = new(() => nn.Linear(16, 1));
    private readonly ModulePart ofClasses = new(() => nn.Linear(2, 1));

    public CriticLossTests()
    {
        Toy.SeedModules(5);
        (extractor, predictor, critic, second) = (Toy.Extractor(), Toy.Predictor(), Toy.Critic(), Toy.Critic());
    }

    public static TheoryData<CriticLoss> Losses() => [.. Enum.GetValues<CriticLoss>()];

    [Theory]
    [MemberData(nameof(Losses))]
    public void Evaluate_OfEachTerm_IsItsFormulaWithThatLoss(CriticLoss loss)
    {
        var weights = arange(1, 9, float32) / 4.5;
        var step = Toy.Step(extractor, predictor, weights: weights);
        var (source, target) = (step.SourceFeatures(), step.Features(step.Target));
        double[] Values(Tensor logits) => [.. logits.reshape(-1).to(float64).data<double>()];
        // What a row costs the critic, by hand.
        double OfSource(double d) =>
            loss switch
            {
                CriticLoss.CrossEntropy => Math.Log(1 + Math.Exp(-d)),
                CriticLoss.LeastSquares => (d - 1) * (d - 1),
                _ => Math.Max(0, 1 - d),
            };
        double OfTarget(double d) =>
            loss switch
            {
                CriticLoss.CrossEntropy => Math.Log(1 + Math.Exp(d)),
                CriticLoss.LeastSquares => d * d,
                _ => Math.Max(0, 1 + d),
            };
        double Disguise(double d) => loss == CriticLoss.Hinge ? -d : OfSource(d);
        var w = Values(weights);
        double Term(ModulePart of, Tensor s, Tensor t) =>
            Values(of.Judge(s)).Zip(w, (d, weight) => weight * OfSource(d)).Average()
            + Values(of.Judge(t)).Average(OfTarget);
        var (ps, pt) = (step.Scores(step.Sources[0]).softmax(1), step.Scores(step.Target).softmax(1));

        // CDAN.
        Assert.Equal(
            Term(joint, MultilinearMap.Of(source, ps), MultilinearMap.Of(target, pt)),
            new ConditionalDomainAdversary(joint) { Criterion = loss }
                .Evaluate(step)
                .item<float>(),
            1e-5
        );
        // DAAN, its balance undecided.
        Tensor OfClass(Tensor rows, Tensor p, int c) => rows * p.narrow(1, c, 1);
        Assert.Equal(
            (0.5 * 0.05 * Term(critic, source, target))
                + (
                    0.5
                    * 0.01
                    * (
                        Term(critic, OfClass(source, ps, 0), OfClass(target, pt, 0))
                        + Term(second, OfClass(source, ps, 1), OfClass(target, pt, 1))
                    )
                ),
            new DynamicAdversary(critic, [critic, second]) { Criterion = loss }
                .Evaluate(step)
                .item<float>(),
            1e-5
        );
        // MDAN of one source, where the smooth maximum is the source itself.
        Assert.Equal(
            new CrossEntropy().Evaluate(step).item<float>() + (0.01 * Term(critic, source, target)),
            new MultipleSourceAdversary([critic]) { Criterion = loss }
                .Evaluate(step)
                .item<float>(),
            1e-4
        );
        // ADVENT, the critic's term and the network's.
        var (si, ti) = (SelfInformation.Of(step.Scores(step.Sources[0])), SelfInformation.Of(step.Scores(step.Target)));
        Assert.Equal(
            Term(ofClasses, si, ti),
            new EntropyCritic(ofClasses) { Criterion = loss }
                .Evaluate(step)
                .item<float>(),
            1e-5
        );
        Assert.Equal(
            Values(ofClasses.Judge(ti)).Average(Disguise),
            new EntropyAdversary(ofClasses) { Criterion = loss }
                .Evaluate(step)
                .item<float>(),
            1e-5
        );
        // SAN, by its logits.
        var logits = (S: rand(4, 2), T: rand(3, 2));
        var shares = (S: rand(4, 2), T: rand(3, 2));
        var relative = new[] { 0.5, 1.5 };
        var expected = 0.0;
        for (var c = 0; c < 2; c++)
        {
            for (var i = 0; i < 4; i++)
            {
                expected += relative[c] * OfSource(logits.S[i, c].item<float>()) * shares.S[i, c].item<float>() * w[i];
            }
            for (var i = 0; i < 3; i++)
            {
                expected += relative[c] * OfTarget(logits.T[i, c].item<float>()) * shares.T[i, c].item<float>();
            }
        }
        Assert.Equal(
            expected / 7,
            SelectiveAdversary
                .Of(logits.S, logits.T, shares.S, shares.T, tensor(new[] { 1.0, 3 }), weights.narrow(0, 0, 4), loss)
                .item<float>(),
            1e-5
        );
    }

    [Theory]
    [InlineData(CriticLoss.LeastSquares)]
    [InlineData(CriticLoss.Hinge)]
    public void Fit_OfEachRecipe_HandsTheLossOn(CriticLoss loss)
    {
        var options = new FitOptions
        {
            Training = new TrainingOptions { Steps = 4, BatchSize = 16 },
        };
        using var chained = new ModulePart(() => nn.Linear(8, 8));
        byte[] Fitted(Func<CriticLoss, AdaptationBuilder> recipe, CriticLoss with)
        {
            Toy.SeedModules(6);
            foreach (var part in new[] { extractor, predictor, critic, second, joint, ofClasses })
            {
                foreach (var parameter in part.Module.parameters())
                {
                    using var quiet = no_grad();
                    _ = nn.init.uniform_(parameter, -0.3, 0.3);
                }
            }
            recipe(with).Fit(Toy.Source(64), Toy.LabeledTarget().WithoutLabels(), options).Dispose();
            return Toy.Bits(critic, second, joint, ofClasses, extractor);
        }
        Func<CriticLoss, AdaptationBuilder>[] recipes =
        [
            it => Recipes.Dann(extractor, predictor, critic, criterion: it),
            it => Recipes.LayerDann([extractor, chained], predictor, [critic, second], criterion: it),
            it => Recipes.Cdan(extractor, predictor, joint, criterion: it),
            it => Recipes.Daan(extractor, predictor, critic, [critic, second], criterion: it),
            it => Recipes.San(extractor, predictor, [critic, second], criterion: it),
            it => Recipes.Mdan(extractor, predictor, [critic], criterion: it),
            it => Recipes.Advent(extractor, predictor, ofClasses, weight: 1, criterion: it),
            it => Recipes.Adda(extractor, predictor, critic, criterion: it),
        ];

        Assert.All(recipes, recipe => Assert.NotEqual(Fitted(recipe, CriticLoss.CrossEntropy), Fitted(recipe, loss)));
    }

    [Fact]
    public void OpposeInTurns_WithFurtherWeights_WeighsBothTerms()
    {
        var weights = new Doubled();
        var step = Toy.Step(extractor, predictor);
        var judged = (
            S: step.Judgment(critic, step.SourceFeatures()),
            T: step.Judgment(critic, step.Features(step.Target))
        );
        var net = new NetworkTraining(extractor, predictor).OpposeInTurns(critic, weights: weights);

        var terms = net.Phases.SelectMany(phase => phase.Objectives).Select(term => term.Objective).ToList();

        var own = full(8, 2.0f);
        Assert.Equal(
            DomainAdversary.Loss(judged.S, judged.T, own).item<float>(),
            terms.OfType<DomainAdversary>().Single().Evaluate(step).item<float>(),
            1e-6f
        );
        Assert.Equal(
            DomainDisguise.Of(judged.S, judged.T, own).item<float>(),
            terms.OfType<DomainDisguise>().Single().Evaluate(step).item<float>(),
            1e-6f
        );
    }

    [Fact]
    public void Train_OfCriticsThatNoPhaseMoves_WarnsOfEachKind()
    {
        using var ofSources = new ModulePart(() => nn.Linear(8, 2));
        using var adversary = Toy.Predictor();
        IObjective[] terms =
        [
            new ConditionalDomainAdversary(joint),
            new MultipleSourceAdversary([critic]),
            new LayerAdversary([critic]),
            new EntropyAdversary(ofClasses),
            new EntropyCritic(ofClasses),
            new DomainConfusion(critic),
            new MarginDisparity(adversary),
            new MultiDomainAdversary(ofSources),
        ];
        foreach (var term in terms)
        {
            var log = new LogLines();
            new AdaptationBuilder()
                .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()).Minimize(term, 0.1))
                .Fit(
                    Toy.Source(32),
                    Toy.LabeledTarget().WithoutLabels(),
                    new FitOptions
                    {
                        Logger = log,
                        Training = new TrainingOptions { Steps = 1, BatchSize = 16 },
                    }
                )
                .Dispose();
            Assert.True(
                log.Warnings.Exists(line => line.Contains("no phase moves the critic", StringComparison.Ordinal)),
                term.GetType().Name
            );
        }
    }

    public void Dispose()
    {
        foreach (var part in new[] { extractor, predictor, critic, second, joint, ofClasses })
        {
            part.Dispose();
        }
        scope.Dispose();
    }

    private sealed class Doubled : IRowWeights
    {
        public Tensor Weigh(StepContext step, LabeledBatch batch) => full(batch.Inputs.shape[0], 2.0f);
    }
}
