using TransferLearning.Adversarial;
using TransferLearning.Tests.Support;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Adversarial;

public sealed class BoundaryRefinementTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    [Fact]
    public void Of_SomeScores_IsTheDivergenceFromTheTeacher()
    {
        using var generator = new RandomKey(1).Generator();
        var student = randn([5, 3], dtype: float64, generator: generator).requires_grad_();
        var teacher = randn([5, 3], dtype: float64, generator: generator).requires_grad_();
        var (p, q) = (teacher.softmax(1), student.softmax(1));

        var value = BoundaryRefinement.Of(student, teacher);

        Assert.Equal((p * (p / q).log()).sum().item<double>() / 5, value.item<double>(), 1e-12);
        Assert.Equal(0, BoundaryRefinement.Of(student, student).item<double>(), 1e-15);
        var slopes = autograd.grad([value], [student, teacher], allow_unused: true);
        Assert.True(slopes[0].allclose((q - p) / 5, 1e-10, 1e-12));
        Assert.True(slopes[1] is null or { IsInvalid: true });
        Assert.Throws<ArgumentException>("teacher", () => BoundaryRefinement.Of(student, teacher.narrow(0, 0, 4)));
    }

    [Fact]
    public void OnStepped_Teacher_TakesTheAverageAtTheIntervalsEnd()
    {
        using var student = Linear(1);
        using var head = Linear(2);
        using var teacher = Linear(50);
        using var teacherHead = Linear(60);
        var refinement = new BoundaryRefinement(teacher, teacherHead) { Interval = 2, Decay = 0.75 };
        TrainingView View(long step) =>
            new(
                new DomainSet([Toy.Source()], Toy.LabeledTarget().WithoutLabels()),
                student,
                head,
                step,
                0,
                0,
                new RandomKey(1)
            );

        refinement.OnStart(View(0));
        Assert.Equal((1, 2), (Weight(teacher), Weight(teacherHead)));
        Set(student, 5);
        refinement.OnStepped(View(1), null!);
        Assert.Equal(1, Weight(teacher));
        Set(student, 9);
        refinement.OnStepped(View(2), null!);

        Assert.Equal((0.75 * ((0.75 * 1) + (0.25 * 5))) + (0.25 * 9), Weight(teacher), 1e-6);
        Assert.Equal(2, Weight(teacherHead), 1e-6);
        refinement.OnEnd();
    }

    [Fact]
    public void Of_AnUntrainableStudent_SaysSo()
    {
        using var teacher = Linear(1);
        var refinement = new BoundaryRefinement(teacher, teacher);
        var view = new TrainingView(
            new DomainSet([Toy.Source()], Toy.LabeledTarget().WithoutLabels()),
            new Same(),
            teacher,
            0,
            0,
            0,
            new RandomKey(1)
        );

        Assert.Throws<InvalidOperationException>(() => refinement.OnStart(view));
    }

    public void Dispose() => scope.Dispose();

    private static ModulePart Linear(double weight)
    {
        var part = new ModulePart(() => nn.Linear(1, 1, hasBias: false));
        Set(part, weight);
        return part;
    }

    private static void Set(ModulePart part, double weight)
    {
        using var quiet = no_grad();
        part.Module.parameters().Single().fill_(weight);
    }

    private static double Weight(ModulePart part) => part.Module.parameters().Single().item<float>();

    private sealed class Same : IFeatureExtractor
    {
        public Tensor Extract(Tensor inputs) => inputs.clone();
    }
}
