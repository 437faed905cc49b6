using TransferLearning.Mapping;
using TransferLearning.Objectives;
using TransferLearning.SelfTraining;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.SelfTraining;

/// <summary>Models that adapt while they predict.</summary>
public sealed class TestTimeTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly ModulePart extractor;
    private readonly ModulePart predictor;
    private readonly AdaptedModel model;
    private readonly LabeledDomain source = Toy.Source(rows: 200);

    public TestTimeTests()
    {
        Toy.SeedModules(5);
        (extractor, predictor) = (Toy.Extractor(dropout: 0.2, hasNormalization: true), Toy.Predictor());
        model = new AdaptationBuilder()
            .Train(extractor, predictor, net => net.Minimize(new CrossEntropy()))
            .Fit(
                source,
                new UnlabeledDomain(source.Inputs),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 100, BatchSize = 32 },
                }
            );
    }

    private nn.Module<Tensor, Tensor> Network => (nn.Module<Tensor, Tensor>)extractor.Module;

    [Fact]
    public void TestTimeEntropy_OneStep_IsGradientDescentOnScalesAndShiftsAlone()
    {
        var rows = source.Inputs + 2;
        var before = Toy.Bits(extractor, predictor);
        var values = Parameters();
        using var tent = new TestTimeEntropy(model, optimizer: parameters => optim.SGD(parameters, 0.1));

        var scores = tent.Predict(rows);

        // The network written out, with the batch's own means and variances.
        Tensor Value(string name) => values[name];
        var (weight, bias) = (Value("norm.weight").requires_grad_(), Value("norm.bias").requires_grad_());
        var hidden = nn.functional.linear(rows, Value("first.weight"), Value("first.bias"));
        var mean = hidden.mean([0L]);
        var variance = hidden.var(0, unbiased: false);
        var normalized = ((hidden - mean) / (variance + 1e-5).sqrt() * weight) + bias;
        var features = nn.functional.linear(normalized.relu(), Value("second.weight"), Value("second.bias")).relu();
        var expected = predictor.Predict(features);
        var p = expected.softmax(1);
        var slopes = autograd.grad([(p * p.log()).sum(1).mean().neg()], [weight, bias]);
        Assert.True(scores.allclose(expected, 1e-4, 1e-5));
        var after = Parameters();
        Assert.True(after["norm.weight"].allclose(weight - (slopes[0] * 0.1), 1e-4, 1e-5));
        Assert.True(after["norm.bias"].allclose(bias - (slopes[1] * 0.1), 1e-4, 1e-5));
        Assert.False(after["norm.weight"].equal(weight).all().item<bool>());
        foreach (var name in values.Keys.Where(name => !name.StartsWith("norm.", StringComparison.Ordinal)))
        {
            Assert.True(after[name].equal(values[name]).all().item<bool>(), name);
        }

        tent.Reset();

        Assert.Equal(before, Toy.Bits(extractor, predictor)); // running statistics and counts among them
        Assert.All(extractor.Module.modules(), module => Assert.False(module.training));
    }

    [Fact]
    public void Predict_RowsThatTheModelWouldRefuse_LeaveItAsItWas()
    {
        var before = Toy.Bits(extractor, predictor);
        using var tent = new TestTimeEntropy(model);
        var normalization = new TestTimeNormalization(model);
        var width = source.Inputs.shape[1];
        Tensor[] refused =
        [
            full([8, width], float.NaN),
            full([8, width], float.PositiveInfinity),
            zeros(8, width + 1),
            zeros(0, width),
            tensor(1f),
        ];

        foreach (var rows in refused)
        {
            Assert.Throws<ArgumentException>(() => tent.Predict(rows));
            Assert.Throws<ArgumentException>(() => normalization.Predict(rows));
        }

        Assert.Equal(before, Toy.Bits(extractor, predictor));
    }

    [Fact]
    public void TestTimeEntropy_ABatchThatOverflows_IsTakenBackByReset()
    {
        var before = Toy.Bits(extractor, predictor);
        using var tent = new TestTimeEntropy(model);

        tent.Predict(source.Inputs * 1e37f).Dispose();
        tent.Reset();

        Assert.Equal(before, Toy.Bits(extractor, predictor));
    }

    [Fact]
    public void TestTimeEntropy_OfAModelOfValues_IsRefused()
    {
        var values = new LabeledDomain(source.Inputs, source.Inputs.select(1, 0).clone());
        using var head = nn.Linear(Toy.Predictor().Module.parameters().First().shape[1], 1);
        using var regression = new AdaptationBuilder()
            .Train(extractor, head.AsPart(), net => net.Minimize(new SquaredError()))
            .Fit(
                values,
                new UnlabeledDomain(source.Inputs),
                new FitOptions
                {
                    Training = new TrainingOptions { Steps = 1, BatchSize = 32 },
                }
            );

        Assert.Throws<ArgumentException>(() => new TestTimeEntropy(regression));
    }

    [Fact]
    public void TestTimeEntropy_OfBatches_MakesPredictionsSurer()
    {
        double Entropy(Tensor scores)
        {
            var p = scores.softmax(1);
            return (p * p.clamp_min(1e-12).log()).sum(1).mean().neg().item<float>();
        }
        var rows = source.Inputs + 1.5;
        using var tent = new TestTimeEntropy(model, steps: 2, optimizer: it => optim.Adam(it, 0.01));

        var first = Entropy(tent.Predict(rows));
        for (var i = 0; i < 30; i++)
        {
            tent.Predict(rows).Dispose();
        }

        Assert.True(Entropy(tent.Predict(rows)) < 0.8 * first);
    }

    [Fact]
    public void TestTimeEntropy_InsideNoGradAndWithFrozenParameters_AdaptsAndGivesDemandsBack()
    {
        var parameters = extractor.Module.parameters().ToList();
        parameters[0].requires_grad = false;
        var demands = parameters.Select(parameter => parameter.requires_grad).ToList();
        using var tent = new TestTimeEntropy(model);
        var before = Toy.Bits(extractor);

        using (no_grad())
        {
            tent.Predict(source.Inputs + 1).Dispose();
        }

        Assert.NotEqual(before, Toy.Bits(extractor));
        Assert.Equal(demands, parameters.Select(parameter => parameter.requires_grad));
        Assert.All(parameters, parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void TestTimeEntropy_WithoutWhatItNeeds_SaysSo()
    {
        using var plain = new AdaptedModel(Toy.Extractor(), Toy.Predictor());

        Assert.Throws<ArgumentException>(() => new TestTimeEntropy(plain));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestTimeEntropy(model, steps: 0));
        using var tent = new TestTimeEntropy(model);
        Assert.Throws<ArgumentException>(() => tent.Predict(source.Inputs.narrow(0, 0, 1)));
    }

    [Fact]
    public void MarginalEntropy_Of_IsTheEntropyOfTheMeanPrediction()
    {
        var scores = randn([5, 3], dtype: float64);
        var q = scores.softmax(1).mean([0L]);

        Assert.Equal((q * q.log()).sum().neg().item<double>(), MarginalEntropy.Of(scores).item<double>(), 1e-12);
        // Views that are sure of different classes are as bad as can be.
        Assert.Equal(Math.Log(3), MarginalEntropy.Of(eye(3, dtype: float64) * 1000).item<double>(), 1e-9);
        Assert.Equal(
            0,
            MarginalEntropy
                .Of(
                    tensor(
                        new double[,]
                        {
                            { 1000, 0 },
                        }
                    )
                )
                .item<double>(),
            1e-12
        );
    }

    [Fact]
    public void MarginalEntropy_Predict_AdaptsToEachRowAloneAndForgetsIt()
    {
        var rows = source.Inputs.narrow(0, 0, 6) + 1;
        var before = Toy.Bits(extractor, predictor);
        var memo = new MarginalEntropy(model, new Noise(0.5), views: 8, optimizer: it => optim.SGD(it, 0.5));

        var all = memo.Predict(rows, new RandomKey(1));
        var last = memo.Predict(rows.narrow(0, 0, 3), new RandomKey(1));

        Assert.Equal(before, Toy.Bits(extractor, predictor));
        Assert.True(all.narrow(0, 0, 3).equal(last).all().item<bool>());
        Assert.False(all.allclose(model.Predict(rows)));
        Assert.Equal([0L, 2L], memo.Predict(rows.narrow(0, 0, 0), new RandomKey(1)).shape);
    }

    [Fact]
    public void MarginalEntropy_OfAViewThatChangesNothing_MakesTheRowSurer()
    {
        var rows = source.Inputs.narrow(0, 0, 20);
        var plain = model.Predict(rows);
        var memo = Recipes.Memo(model, new Noise(0), views: 2);

        var adapted = memo.Predict(rows, new RandomKey(1));

        Assert.True(adapted.softmax(1).amax([1L]).ge(plain.softmax(1).amax([1L]) - 1e-6).all().item<bool>());
    }

    [Fact]
    public void MarginalEntropy_Canceled_LeavesTheModelAsItWas()
    {
        using var stopping = new CancellationTokenSource();
        var before = Toy.Bits(extractor, predictor);
        var memo = new MarginalEntropy(model, new Stopping(stopping), views: 2);

        Assert.Throws<OperationCanceledException>(() => memo.Predict(source.Inputs, new RandomKey(1), stopping.Token));

        Assert.Equal(before, Toy.Bits(extractor, predictor));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(50.0)]
    public void TestTimeNormalization_OfABatch_NormalizesByTheMixture(double prior)
    {
        var rows = source.Inputs.narrow(0, 0, 30) * 3;
        var before = Toy.Bits(extractor, predictor);
        var values = Parameters();

        var scores = Recipes.TestTimeNormalization(model, prior).Predict(rows);

        var hidden = nn.functional.linear(rows, values["first.weight"], values["first.bias"]);
        var share = 30 / (prior + 30);
        var mean = (hidden.mean([0L]) * share) + (values["norm.running_mean"] * (1 - share));
        var variance = (hidden.var(0, unbiased: false) * share) + (values["norm.running_var"] * (1 - share));
        var normalized = ((hidden - mean) / (variance + 1e-5).sqrt() * values["norm.weight"]) + values["norm.bias"];
        var features = nn.functional.linear(normalized.relu(), values["second.weight"], values["second.bias"]).relu();
        Assert.True(scores.allclose(predictor.Predict(features), 1e-4, 1e-5));
        Assert.Equal(before, Toy.Bits(extractor, predictor));
    }

    [Fact]
    public void TestTimeNormalization_OfARowAndAStrongPrior_IsThePlainModel()
    {
        var rows = source.Inputs.narrow(0, 0, 1);

        Assert.True(new TestTimeNormalization(model, 1e9).Predict(rows).allclose(model.Predict(rows), 1e-4, 1e-5));
        Assert.Throws<ArgumentException>(() => new TestTimeNormalization(model).Predict(rows.narrow(0, 0, 0)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TestTimeNormalization(model, -1));
    }

    [Fact]
    public void MarginalEntropy_OfValuesOrOfWhatTheModelWouldRefuse_IsRefused()
    {
        using var head = nn.Linear(8, 2);
        var values = new AdaptedModel(extractor, head.AsPart()) { Facts = new() { Space = LabelSpace.Values(2) } };

        Assert.Throws<ArgumentException>("model", () => new MarginalEntropy(values, new Noise(0)));
        var memo = new MarginalEntropy(model, new Noise(0), views: 2);
        Assert.Throws<ArgumentException>("inputs", () => memo.Predict(ones(2, 4) / 0, new RandomKey(0)));
        Assert.Throws<ArgumentException>("inputs", () => memo.Predict(tensor(1f), new RandomKey(0)));
    }

    // The second class lies so far below that float32 has no probability for it.
    [Fact]
    public void InformationMaximization_WithoutAnEpsilon_IsFiniteWhereAClassIsNeverPredicted()
    {
        var scores = tensor(
                new float[,]
                {
                    { 0, -200 },
                    { 0, -300 },
                }
            )
            .requires_grad_();

        var loss = InformationMaximization.Of(scores, epsilon: 0);

        Assert.Equal(0, loss.item<float>(), 1e-6f);
        Assert.True(autograd.grad([loss], [scores])[0].isfinite().all().item<bool>());
    }

    public void Dispose()
    {
        model.Dispose();
        extractor.Dispose();
        predictor.Dispose();
        scope.Dispose();
    }

    private Dictionary<string, Tensor> Parameters() =>
        Network
            .state_dict()
            .ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone(), StringComparer.Ordinal);

    private sealed class Stopping(CancellationTokenSource stopping) : IAugmentation
    {
        private int looks;

        public Tensor Apply(Tensor inputs, RandomKey key)
        {
            if (++looks == 3)
            {
                stopping.Cancel();
            }
            return inputs + 0.1;
        }
    }
}
